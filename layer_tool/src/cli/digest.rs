//! `digest`: that of a layout's image.

use image::oci::layout::Layout;
use layer::error::{Error, Result};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Prints the digest of the image or index in a layout.
#[derive(clap::Args)]
pub struct Args {
    /// OCI image layout with one image or index.
    #[arg(value_name = "DIR")]
    layout: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let layout = Layout::open(&self.layout)?;
        match &layout.index().manifests[..] {
            [image] => writeln!(super::stdout(), "{}", image.digest)
                .map_err(Error::io("write", Path::new("standard output"))),
            images => Err(layout.error(format!("holds {} images instead of one", images.len()))),
        }
    }
}
