//! `descriptor`: what an image says of a layer, for programs that make images themselves.

use image::oci::descriptor;
use layer::error::Result;
use std::path::PathBuf;

/// Writes what an image says about a layer, for programs that make images themselves.
///
/// The descriptor of the manifest (mediaType, digest, size), and of the configuration `diff_id` and
/// `history`. Only the metadata is read.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool descriptor app.json --output app.descriptor.json")]
pub struct Args {
    /// The metadata of the layer.
    metadata: PathBuf,
    /// The descriptor, a JSON object.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        descriptor::write(&self.metadata, &self.output)
    }
}
