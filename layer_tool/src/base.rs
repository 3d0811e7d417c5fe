//! What is in the layers of an image that something else wrote, such as a base.

use crate::compress::Compression;
use crate::describe::metadata_of;
use crate::error::{Error, Result};
use crate::exclude::Excluded;
use crate::image_plan::{Kind, Layer, Plan, Unit};
use crate::listing::{Listing, Listings};
use crate::metadata::{commit_with_json, create_json};
use crate::oci::layout::Layout;
use crate::oci::platform::Platform;
use crate::oci::{media_type, Descriptor};
use std::path::PathBuf;

/// What to read, and where to tell of it.
#[derive(Clone, Debug)]
pub struct Options {
    /// OCI image layout.
    pub layout: PathBuf,
    /// Of several images. None: there is one.
    pub platform: Option<Platform>,
    /// The image's name.
    pub name: String,
    /// File of the plan: layers `base 1`, `base 2`, ..., lowest first, each one unit.
    pub plan: PathBuf,
    /// File of the lists of files.
    pub files: PathBuf,
}

/// Writes the plan of an image, and the lists of its files.
///
/// # Errors
/// What is no layout, or none for the platform; a layer that is missing, damaged or no tar; a
/// file that cannot be written.
pub fn write(options: &Options) -> Result<()> {
    let layout = Layout::open(&options.layout)?;
    let image = layout.image(options.platform.as_ref())?;
    let mut layers = Vec::new();
    let mut listings = Vec::new();
    for (number, descriptor) in (1..).zip(&image.manifest.layers) {
        check_media_type(&layout, number, descriptor)?;
        let blob = layout.blob(descriptor)?;
        let name = format!("base {number}");
        let metadata = metadata_of(&blob, &name)?;
        if metadata.digest != descriptor.digest {
            return Err(Error::Content {
                path: blob,
                problem: "is not what its digest says; fetch the image again".to_owned(),
            });
        }
        listings.push(Listing::of(&blob)?);
        let unit = Unit {
            name: options.name.clone(),
            kind: Kind::Layer,
            group: name.clone(),
            reason: "a layer of the base".to_owned(),
            content: metadata.clone().into(),
            excluded: Excluded::default(),
        };
        layers.push(Layer {
            name,
            content: metadata.into(),
            units: vec![unit],
        });
    }
    let files = create_json(&options.files, &Listings { layers: listings })?;
    let plan = Plan {
        name: options.name.clone(),
        layers,
    };
    commit_with_json(files, &options.plan, &plan)
}

fn check_media_type(layout: &Layout, number: usize, descriptor: &Descriptor) -> Result<()> {
    let known =
        [Compression::Gzip, Compression::Zstd, Compression::None].map(Compression::media_type);
    if known.contains(&media_type::of_oci(&descriptor.media_type)) {
        return Ok(());
    }
    Err(layout.error(format!(
        "layer {number} has the media type {:?}, of which nothing is known; give an image whose \
         layers are one of {}",
        descriptor.media_type,
        known.join(", ")
    )))
}
