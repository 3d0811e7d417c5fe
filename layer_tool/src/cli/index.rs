//! `index`: images to one of several platforms.

use super::common::{trust, NameArgs};
use image::oci::index;
use layer::error::Result;
use std::path::PathBuf;

/// Puts the images of several layouts into one, as an index by platform.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool index image_amd64 image_arm64 --tag latest --output image")]
pub struct Args {
    /// OCI image layouts.
    #[arg(required = true, value_name = "DIR")]
    layouts: Vec<PathBuf>,
    /// The layout: a directory that does not exist yet or is empty.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Write no layer.
    #[arg(long)]
    sparse: bool,
    /// Do not read layers for their digests: the build that wrote the layouts vouches for them.
    #[arg(long)]
    trust_layers: bool,
    /// File for the digest of the index.
    #[arg(long, value_name = "FILE")]
    digest: Option<PathBuf>,
    #[command(flatten)]
    names: NameArgs,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let (names, annotations) = self.names.split()?;
        index::write(&index::Options {
            layouts: self.layouts,
            trust: trust(self.trust_layers),
            sparse: self.sparse,
            annotations,
            names,
            output: self.output,
            digest: self.digest,
        })
    }
}
