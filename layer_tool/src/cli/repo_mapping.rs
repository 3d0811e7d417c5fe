//! `repo-mapping`: one repository mapping for several binaries.

use layer::error::Result;
use layer::repo_mapping;
use std::path::PathBuf;

/// Merges the repository mappings of binaries that share one runfiles tree.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool repo-mapping --output _repo_mapping server.repo_mapping worker.repo_mapping")]
pub struct Args {
    /// The mapping of a binary, as Bazel writes it.
    #[arg(required = true, value_name = "FILE")]
    mapping: Vec<PathBuf>,
    /// The merged mapping.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        repo_mapping::merge(&self.mapping, &self.output)
    }
}
