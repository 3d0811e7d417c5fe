//! `files`: the files of a layer, for reports.

use layer::error::Result;
use layer::files;
use std::path::PathBuf;

/// Lists the files of a layer, for `report`: their bytes in the tar, and digests.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool files libs.tar.gz --output libs.files")]
pub struct Args {
    /// The layer, of any compression.
    layer: PathBuf,
    /// The list, a JSON object.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        files::write(&self.layer, &self.output)
    }
}
