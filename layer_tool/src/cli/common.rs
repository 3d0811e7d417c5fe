//! What several commands for images take.

use image::oci::layout::{Choice, Trust};
use image::oci::platform::Platform;
use image::oci::{docker_archive, pairs, Names};
use layer::error::Result;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Names of an image in its layout.
#[derive(clap::Args)]
pub struct NameArgs {
    /// Tag in the layout (org.opencontainers.image.ref.name).
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Name under which `load` loads it: [HOST[:PORT]/]NAME:TAG (io.containerd.image.name).
    #[arg(long, value_name = "NAME:TAG")]
    repo_tag: Option<String>,
    /// Annotation of the image; repeatable.
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::named::<String>)]
    annotation: Vec<(String, String)>,
    /// File of annotations, NAME=VALUE lines; --annotation replaces them.
    #[arg(long, value_name = "FILE")]
    annotation_file: Option<PathBuf>,
}

impl NameArgs {
    pub fn split(self) -> Result<(Names, BTreeMap<String, String>)> {
        let names = Names {
            tag: self.tag,
            repo_tag: self.repo_tag,
        };
        let annotations = with_file(self.annotation_file, self.annotation)?;
        Ok((names, annotations.into_iter().collect()))
    }
}

/// The pairs of a file, and those that go before them.
pub fn with_file(
    file: Option<PathBuf>,
    given: Vec<(String, String)>,
) -> Result<Vec<(String, String)>> {
    let mut pairs = file.as_deref().map_or(Ok(Vec::new()), pairs::read)?;
    pairs.extend(given);
    Ok(pairs)
}

pub fn trust(is_trusted: bool) -> Trust {
    if is_trusted {
        Trust::BuildSystem
    } else {
        Trust::Nobody
    }
}

/// Which image of a layout.
#[derive(clap::Args)]
pub struct ChoiceArgs {
    /// OCI image layout.
    #[arg(value_name = "DIR")]
    layout: PathBuf,
    /// OS/ARCHITECTURE[/VARIANT] of the image, if the layout has several.
    #[arg(long)]
    platform: Option<Platform>,
    /// Tag of the image, if the layout has several for one platform
    /// (org.opencontainers.image.ref.name).
    #[arg(long)]
    tag: Option<String>,
    /// Name in the store: [HOST[:PORT]/]NAME:TAG; repeatable. Default: what the layout says
    /// about this image.
    #[arg(long, value_name = "NAME:TAG")]
    repo_tag: Vec<String>,
}

impl From<ChoiceArgs> for docker_archive::Options {
    fn from(args: ChoiceArgs) -> Self {
        Self {
            layout: args.layout,
            choice: Choice {
                platform: args.platform,
                tag: args.tag,
            },
            repo_tags: args.repo_tag,
        }
    }
}
