//! `ls`: what is in a layer, for people.

use super::values;
use layer::error::Result;
use layer::list;
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
    format: list::Format,
}

impl Args {
    pub fn run(self) -> Result<()> {
        list::list(&self.layer, self.format, &mut super::buffered_stdout())
    }
}
