//! `archive`: an image as a file for `docker load`.

use super::common::ChoiceArgs;
use image::oci::docker_archive;
use layer::error::Result;
use std::path::PathBuf;

/// Writes an image as a docker-archive, for `docker load`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  layer_tool archive image --repo-tag app:latest --output image.tar
  layer_tool archive image --output - | ssh host docker load")]
pub struct Args {
    #[command(flatten)]
    choice: ChoiceArgs,
    /// The archive; - for standard output.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        docker_archive::write(&self.choice.into(), &self.output)
    }
}
