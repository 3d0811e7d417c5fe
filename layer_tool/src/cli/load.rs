//! `load`: an image into Docker or podman.

use super::common::ChoiceArgs;
use image::oci::load;
use layer::error::Result;
use std::path::PathBuf;

/// Loads an image into Docker or podman, without a file in between.
///
/// If there are several images, it loads the one for the platform of this machine.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool load image --repo-tag app:latest")]
pub struct Args {
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Program whose `load` command reads the image. Default: docker or else podman, if on PATH.
    #[arg(long, value_name = "PROGRAM")]
    with: Option<PathBuf>,
}

impl Args {
    pub fn run(self) -> Result<()> {
        load::load(&self.choice.into(), self.with)
    }
}
