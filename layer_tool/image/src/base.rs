//! What is in the layers of an image that something else wrote, such as a base.

use crate::oci::layout::{Choice, Layout, OTHER_BYTES};
use crate::plan::{Kind, Layer, Plan, Unit};
use layer::describe::metadata_of;
use layer::error::{Error, Result};
use layer::exclude::Excluded;
use layer::files::{Files, LayerFiles};
use layer::metadata::{commit_with_json, create_json};
use layer::output::distinct;
use std::path::PathBuf;

/// What to read, and where to tell of it.
#[derive(Clone, Debug)]
pub struct Options {
    /// OCI image layout.
    pub layout: PathBuf,
    /// Which image of it.
    pub choice: Choice,
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
    distinct(
        [("--plan", &*options.plan), ("--files", &*options.files)],
        [("layout", &*options.layout)],
    )?;
    let layout = Layout::open(&options.layout)?;
    let image = layout.image(&options.choice)?;
    let mut layers = Vec::new();
    let mut listings = Vec::new();
    for (number, descriptor) in (1..).zip(&image.manifest.layers) {
        let (blob, _) = layout.layer(number, descriptor)?;
        let name = format!("base {number}");
        let metadata = metadata_of(&blob, &name)?;
        if metadata.digest != descriptor.digest {
            return Err(Error::Content {
                path: blob,
                problem: OTHER_BYTES.to_owned(),
            });
        }
        listings.push(LayerFiles::of(&blob)?);
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
    let files = create_json(&options.files, &Files { layers: listings })?;
    let plan = Plan {
        name: options.name.clone(),
        layers,
    };
    commit_with_json(files, &options.plan, &plan)
}
