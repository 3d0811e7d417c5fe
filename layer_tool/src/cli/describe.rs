//! `describe`: the metadata of a layer that something else wrote.

use layer::describe::describe;
use layer::error::Result;
use std::path::PathBuf;

/// Describes a layer that something else wrote, for `image`.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool describe certificates.tar.gz --metadata certificates.json")]
pub struct Args {
    /// The layer: a tar of any compression.
    layer: PathBuf,
    /// JSON of digest, diffID, sizes, number of entries and media type.
    #[arg(long, value_name = "FILE")]
    metadata: PathBuf,
    /// The layer's name, for its metadata.
    #[arg(long, default_value = "")]
    name: String,
}

impl Args {
    pub fn run(self) -> Result<()> {
        describe(&self.layer, &self.name, &self.metadata)
    }
}
