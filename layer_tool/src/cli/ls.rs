//! `ls`: what is in a layer, for people.

use super::values;
use layer::error::Result;
use layer::ls;
use std::path::PathBuf;

/// Lists a layer of any compression.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  layer_tool ls app.tar.gz
  skopeo ... | layer_tool ls - --format json")]
pub struct Args {
    /// The layer; - for standard input.
    layer: PathBuf,
    /// Form of the list.
    #[arg(long, value_parser = values::list_format(), default_value = "text")]
    format: ls::Format,
}

impl Args {
    pub fn run(self) -> Result<()> {
        ls::list(&self.layer, self.format, &mut super::buffered_stdout())
    }
}
