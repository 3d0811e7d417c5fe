//! The plan of an image: which unit is in which layer, why, and how large it is.
//!
//! It is put together of what layers and fragments say of themselves once they are
//! written; what shows or checks an image reads it.

use layer::digest::Digest;
use layer::elf::Machines;
use layer::error::{Error, Result};
use layer::exclude::Excluded;
use layer::metadata::{create_json, read_json, Metadata};
use layer::output::{arguments, distinct};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What to plan, and where to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The image's name.
    pub name: String,
    /// The metadata of each layer, in the order of the image.
    pub layers: Vec<PathBuf>,
    /// The units of all layers, those of one layer in its order.
    pub units: Vec<UnitSpec>,
    /// The plan's file.
    pub output: PathBuf,
}

/// A unit of an image before its sidecar is read, from one JSON object.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitSpec {
    /// Who has the files: a distribution, a label.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The layer that it is in, by name.
    pub group: String,
    /// Why it is there, for people.
    pub reason: String,
    /// The sidecar of its fragment, or the metadata of a layer that is one unit.
    pub sidecar: PathBuf,
}

impl FromStr for UnitSpec {
    type Err = serde_json::Error;

    fn from_str(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }
}

/// What a unit is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The runtime of a language.
    Interpreter,
    /// A third-party distribution.
    Distribution,
    /// A target that a group names.
    Target,
    /// What an image names as a group, with all that it needs.
    Dependency,
    /// What is of one image only.
    Own,
    /// A layer that something else wrote: one of the base, or a tar.
    Layer,
}

/// The layers of an image, one JSON object in a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Plan {
    /// The image's name; empty if it was given none.
    #[serde(default)]
    pub name: String,
    /// Lowest first.
    pub layers: Vec<Layer>,
}

/// A layer and what is in it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// What is known of its bytes.
    #[serde(flatten)]
    pub content: Content,
    /// In the layer's order; one or more.
    pub units: Vec<Unit>,
}

/// A unit and what it adds to its layer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Unit {
    /// Who has the files.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The layer's name.
    pub group: String,
    /// Why it is in this group.
    pub reason: String,
    /// What is known of its bytes.
    #[serde(flatten)]
    pub content: Content,
    /// What the unit has and the layer has not.
    #[serde(default, skip_serializing_if = "Excluded::is_none")]
    pub excluded: Excluded,
}

/// What a unit's sidecar, or its layer's metadata, says.
#[derive(Deserialize)]
struct UnitContent {
    #[serde(flatten)]
    content: Content,
    #[serde(default)]
    excluded: Excluded,
}

/// What both a sidecar and metadata say of what they describe.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Content {
    /// Of the compressed bytes.
    pub digest: Digest,
    /// Compressed bytes.
    pub size: u64,
    /// Bytes of the tar.
    pub uncompressed_size: u64,
    /// Regular files, hard links included.
    pub files: u64,
    /// The machines that programs and shared objects are for.
    pub machines: Machines,
}

impl From<Metadata> for Content {
    fn from(metadata: Metadata) -> Self {
        Self {
            digest: metadata.digest,
            size: metadata.size,
            uncompressed_size: metadata.uncompressed_size,
            files: metadata.files,
            machines: metadata.machines,
        }
    }
}

impl Plan {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no plan.
    pub fn read(path: &Path) -> Result<Self> {
        read_json(
            path,
            "not the plan of an image",
            "give a file that `plan --output` wrote",
        )
    }
}

/// Writes the plan of an image that has the layers of several plans, lowest first.
///
/// # Errors
/// What is no plan; a file that cannot be written.
pub fn join(name: String, plans: &[PathBuf], output: &Path) -> Result<()> {
    distinct([("--output", output)], arguments("--plan", plans))?;
    let mut layers = Vec::new();
    for path in plans {
        layers.append(&mut Plan::read(path)?.layers);
    }
    create_json(output, &Plan { name, layers })?.commit()
}

/// Writes a plan.
///
/// # Errors
/// Metadata or a sidecar that cannot be read; a unit of no layer; a layer whose units are
/// not all of it; a file that cannot be written.
pub fn write(options: &Options) -> Result<()> {
    distinct(
        arguments("--output", [&options.output]),
        arguments("--layer", &options.layers).chain(arguments(
            "--unit",
            options.units.iter().map(|unit| &unit.sidecar),
        )),
    )?;
    let mut units: BTreeMap<&str, Vec<&UnitSpec>> = BTreeMap::new();
    for unit in &options.units {
        units.entry(&unit.group).or_default().push(unit);
    }
    let mut layers = Vec::with_capacity(options.layers.len());
    for path in &options.layers {
        let metadata = Metadata::read(path)?;
        let units = units.remove(metadata.name.as_str()).unwrap_or_default();
        layers.push(layer(path, metadata, &units)?);
    }
    if let Some((group, units)) = units.first_key_value() {
        return Err(Error::Usage(format!(
            "--unit {} is in group {group}, and not exactly one --layer has that name; give the layer's \
             metadata, or correct the group",
            units[0].name
        )));
    }
    let name = options.name.clone();
    create_json(&options.output, &Plan { name, layers })?.commit()
}

fn layer(path: &Path, metadata: Metadata, units: &[&UnitSpec]) -> Result<Layer> {
    let units = units
        .iter()
        .map(|unit| {
            let unit_content: UnitContent = read_json(
                &unit.sidecar,
                "neither the sidecar of a fragment nor the metadata of a layer",
                "give a file that `layer --metadata` wrote",
            )?;
            Ok(Unit {
                name: unit.name.clone(),
                kind: unit.kind,
                group: unit.group.clone(),
                reason: unit.reason.clone(),
                content: unit_content.content,
                excluded: unit_content.excluded,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let files: u128 = units
        .iter()
        .map(|unit| u128::from(unit.content.files))
        .sum();
    if files != u128::from(metadata.files) {
        return Err(Error::Content {
            path: path.to_owned(),
            problem: format!(
                "layer {} has {} files, its units have {files}; give a --unit for each of its \
                 fragments",
                metadata.name, metadata.files
            ),
        });
    }
    Ok(Layer {
        name: metadata.name.clone(),
        content: metadata.into(),
        units,
    })
}
