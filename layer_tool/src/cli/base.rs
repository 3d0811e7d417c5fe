//! `base`: the plan of an image that something else wrote.

use image::base;
use image::oci::layout::Choice;
use image::oci::platform::Platform;
use layer::error::Result;
use std::path::PathBuf;

/// Plans the layers of an image that something else wrote, and lists their files, for `report`.
///
/// The layers are called `base 1`, `base 2` and so on, lowest first. Each is read.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool base debian --plan debian.plan --files debian.files
  layer_tool plan --plan debian.plan --plan app.plan --output image.plan
  layer_tool report --plan image.plan --files debian.files --files app.files")]
pub struct Args {
    /// OCI image layout.
    #[arg(value_name = "DIR")]
    layout: PathBuf,
    /// OS/ARCHITECTURE[/VARIANT] of the image, if the layout has several.
    #[arg(long)]
    platform: Option<Platform>,
    /// Tag of the image, if the layout has several for one platform.
    #[arg(long)]
    tag: Option<String>,
    /// The name of the image.
    #[arg(long, default_value = "")]
    name: String,
    /// The plan, in the form of `plan`.
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// The lists of files, in the form of `files`.
    #[arg(long, value_name = "FILE")]
    files: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        base::write(&base::Options {
            layout: self.layout,
            choice: Choice {
                platform: self.platform,
                tag: self.tag,
            },
            name: self.name,
            plan: self.plan,
            files: self.files,
        })
    }
}
