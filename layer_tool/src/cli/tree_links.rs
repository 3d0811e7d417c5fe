//! `tree-links`: the links of trees as a manifest.

use layer::error::Result;
use layer::tree_links;
use std::path::PathBuf;

/// Writes a manifest of the links and empty directories that are in trees.
///
/// A tree with `links=listed` has these links, even if a build tool shows copies of what they lead
/// to. Give this manifest to `layer` and `split` before those of the trees.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool tree-links --manifest trees.mtree --output links.mtree
  layer_tool layer --manifest links.mtree --manifest app.mtree --output app.tar.gz")]
pub struct Args {
    /// mtree(5) manifest of trees with links=keep; several are read as one.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Manifest of the other files of the image, to which a link can lead.
    #[arg(long, value_name = "FILE")]
    elsewhere: Vec<PathBuf>,
    /// The manifest of links and empty directories.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        tree_links::write(&tree_links::Options {
            manifests: self.manifest,
            elsewhere: self.elsewhere,
            output: self.output,
        })
    }
}
