//! `links`: a check of the links of manifests.

use layer::error::Result;
use layer::links;
use std::path::PathBuf;

/// Checks that the links of manifests point to something in the image.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool links --manifest links.mtree --elsewhere app.mtree --output checked")]
pub struct Args {
    /// mtree(5) manifest whose links are checked.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Manifest of the other files of the image, which are not read.
    #[arg(long, value_name = "FILE")]
    elsewhere: Vec<PathBuf>,
    /// An empty file, which is written if every link points to something.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        links::check(&links::Options {
            manifests: self.manifest,
            elsewhere: self.elsewhere,
            output: self.output,
        })
    }
}
