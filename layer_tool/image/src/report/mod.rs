//! What is in images: the facts that the page, the text and the JSON of a report show.

pub mod changes;
pub mod page;
pub mod table;
mod text;

use crate::plan::{self, Kind, Plan};
use changes::Changes;
use layer::dedup::MIN_SIZE;
use layer::entries::by_component;
use layer::error::{Error, Result};
use layer::exclude::Excluded;
use layer::files::{Files, LayerFiles, ListedFile};
use layer::metadata::Metadata;
use layer::tar::{BLOCK, END};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

/// How to report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Tables.
    #[default]
    Text,
    /// Of metadata an array, of plans an object.
    Json,
    /// One page that loads nothing else.
    Html,
}

/// What to report on.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The plans of the images.
    pub plans: Vec<PathBuf>,
    /// Lists of the files of layers, of any of the images.
    pub files: Vec<PathBuf>,
    /// The plan of an image that each is compared with.
    pub against: Option<PathBuf>,
}

/// All that a report shows.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// The name of what the images are compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// In the order of the plans.
    pub images: Vec<Image>,
}

/// An image.
#[derive(Clone, Debug, Serialize)]
pub struct Image {
    /// Its name; that of the plan's file, if the plan has none.
    pub name: String,
    /// What its programs and shared objects are for.
    #[serde(skip)]
    pub machines: String,
    /// Compressed bytes of all layers.
    pub size: u64,
    /// Bytes of their tars.
    pub uncompressed_size: u64,
    /// Regular files, hard links included.
    pub files: u64,
    /// Lowest first.
    pub layers: Vec<Layer>,
    /// Files of the same content, those that waste most first.
    pub duplicates: Vec<Duplicate>,
    /// What is not as in the image that it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
}

/// A layer.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// `sha256:...` of the compressed bytes.
    pub digest: String,
    /// Compressed bytes.
    pub size: u64,
    /// Bytes of the tar.
    pub uncompressed_size: u64,
    /// Regular files, hard links included.
    pub files: u64,
    /// The other images of the report that have it, by name.
    pub shared_with: Vec<String>,
    /// In the layer's order.
    pub units: Vec<Unit>,
}

/// A unit: a package, say.
#[derive(Clone, Debug, Serialize)]
pub struct Unit {
    /// Who has the files.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Why it is in this layer.
    pub reason: String,
    /// `sha256:...` of its compressed bytes.
    pub digest: String,
    /// Compressed bytes.
    pub size: u64,
    /// Bytes of the tar in them.
    pub uncompressed_size: u64,
    /// Regular files, hard links included.
    pub files: u64,
    /// What the unit has and the layer has not.
    #[serde(skip_serializing_if = "Excluded::is_none")]
    pub excluded: Excluded,
    /// The other images of the report that have it, by name.
    pub shared_with: Vec<String>,
    /// In the order in which a directory is followed by what is below it; None: not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<File>>,
}

/// A file or a link.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    /// Path in the image without a leading `/`, as mtree(5) escapes it.
    pub path: String,
    /// An estimate: its share of the unit's compressed bytes.
    pub size: u64,
    /// Bytes of the tar that it takes: headers, content, padding.
    pub uncompressed_size: u64,
    /// `sha256:...` of the content.
    #[serde(skip)]
    pub digest: Option<String>,
    /// What a link is to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Files of one content that are no links of each other.
#[derive(Clone, Debug, Serialize)]
pub struct Duplicate {
    /// Bytes of the tar for all but one of them.
    pub wasted: u64,
    /// Bytes of the tar of each.
    pub uncompressed_size: u64,
    /// Where they are, two or more.
    pub copies: Vec<Copied>,
}

/// One of several files of the same content.
#[derive(Clone, Debug, Serialize)]
pub struct Copied {
    /// The layer's name.
    pub layer: String,
    /// The unit's name.
    pub unit: String,
    /// Its path, escaped.
    pub path: String,
    /// Index of layer, unit and file.
    #[serde(skip)]
    pub at: [usize; 3],
}

/// Prints the layers that metadata describes.
///
/// # Errors
/// Metadata that cannot be read; `out` fails; there is no page of metadata.
pub fn report_metadata(paths: &[PathBuf], format: Format, out: &mut impl Write) -> Result<()> {
    let layers = paths
        .iter()
        .map(|path| Metadata::read(path))
        .collect::<Result<Vec<_>>>()?;
    match format {
        Format::Text => text::metadata(&layers, out),
        Format::Json => json(&layers, out),
        Format::Html => {
            return Err(Error::Usage(
                "--metadata cannot be shown as a page; give --plan".to_owned(),
            ))
        }
    }
    .and_then(|()| out.flush())
    .map_err(Error::io("write", Path::new("standard output")))
}

fn json(value: &impl Serialize, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

impl Facts {
    /// Writes them to `out`, which is at `path`.
    ///
    /// # Errors
    /// `out` fails.
    pub fn write(&self, format: Format, out: &mut impl Write, path: &Path) -> Result<()> {
        match format {
            Format::Text => text::facts(self, out),
            Format::Json => json(self, out),
            Format::Html => page::write(self, out),
        }
        .and_then(|()| out.flush())
        .map_err(Error::io("write", path))
    }

    /// Gathers what plans and lists say.
    ///
    /// # Errors
    /// What is no plan or no list; a list that is of no layer of a plan.
    pub fn read(options: &Options) -> Result<Self> {
        let mut listings = HashMap::new();
        for path in &options.files {
            for listing in Files::read(path)?.layers {
                listings.insert(listing.digest.clone(), (path.as_path(), listing));
            }
        }
        let mut images = options
            .plans
            .iter()
            .map(|path| Image::read(path, &listings))
            .collect::<Result<Vec<_>>>()?;
        let against = options
            .against
            .as_ref()
            .map(|path| Image::read(path, &listings))
            .transpose()?;

        let known: BTreeSet<_> = images
            .iter()
            .chain(&against)
            .flat_map(|image| image.layers.iter().map(|layer| &layer.digest))
            .collect();
        if let Some(path) = listings
            .iter()
            .filter(|(digest, _)| !known.contains(digest))
            .map(|(_, (path, _))| path)
            .min()
        {
            return Err(Error::Content {
                path: path.to_path_buf(),
                problem:
                    "lists a layer that is in no plan; give the lists of the layers in the plans"
                        .to_owned(),
            });
        }

        tell_apart(&mut images);
        share(&mut images);
        for image in &mut images {
            image.duplicates = image.duplicates();
            image.changes = against.as_ref().map(|old| Changes::of(old, image));
        }
        Ok(Self {
            against: against.map(|image| image.name),
            images,
        })
    }
}

/// A sum of what files say, which may be anything.
fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

type ByDigest<'a> = HashMap<String, (&'a Path, LayerFiles)>;

impl Image {
    fn read(path: &Path, listings: &ByDigest<'_>) -> Result<Self> {
        let plan = Plan::read(path)?;
        let mut name = plan.name;
        if name.is_empty() {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            name = file
                .trim_end_matches(".json")
                .trim_end_matches(".plan")
                .to_owned();
        }
        let machines: BTreeSet<_> = plan
            .layers
            .iter()
            .flat_map(|layer| layer.content.machines.keys().cloned())
            .collect();
        let layers = plan
            .layers
            .into_iter()
            .map(|layer| Layer::of(layer, listings))
            .collect::<Result<Vec<_>>>()?;
        let sum = |of: fn(&Layer) -> u64| sum(layers.iter().map(of));
        Ok(Self {
            name,
            machines: machines.into_iter().collect::<Vec<_>>().join("+"),
            size: sum(|layer| layer.size),
            uncompressed_size: sum(|layer| layer.uncompressed_size),
            files: sum(|layer| layer.files),
            layers,
            duplicates: Vec::new(),
            changes: None,
        })
    }

    /// Files from [`MIN_SIZE`] on; smaller ones cost more to tell than they take.
    fn duplicates(&self) -> Vec<Duplicate> {
        let mut same: BTreeMap<&str, Vec<(&File, Copied)>> = BTreeMap::new();
        for (l, layer) in self.layers.iter().enumerate() {
            for (u, unit) in layer.units.iter().enumerate() {
                for (f, file) in unit.paths.iter().flatten().enumerate() {
                    let Some(digest) = &file.digest else { continue };
                    if file.uncompressed_size >= BLOCK + MIN_SIZE {
                        let copied = Copied {
                            layer: layer.name.clone(),
                            unit: unit.name.clone(),
                            path: file.path.clone(),
                            at: [l, u, f],
                        };
                        same.entry(digest).or_default().push((file, copied));
                    }
                }
            }
        }
        let mut duplicates: Vec<_> = same
            .into_values()
            .filter(|copies| copies.len() > 1)
            .map(|copies| {
                let sizes = || copies.iter().map(|(file, _)| file.uncompressed_size);
                Duplicate {
                    wasted: sum(sizes().skip(1)),
                    uncompressed_size: sizes().next().unwrap_or_default(),
                    copies: copies.into_iter().map(|(_, copied)| copied).collect(),
                }
            })
            .collect();
        // By the first path where they waste as much.
        duplicates.sort_by(|a, b| {
            let at = |duplicate: &Duplicate| duplicate.copies[0].at;
            b.wasted.cmp(&a.wasted).then_with(|| at(a).cmp(&at(b)))
        });
        duplicates
    }
}

impl Layer {
    fn of(layer: plan::Layer, listings: &ByDigest<'_>) -> Result<Self> {
        let content = layer.content;
        let mut paths = match listings.get(content.digest.as_str()) {
            Some((path, listing)) => {
                of_units(path, listing, content.uncompressed_size, &layer.units)?
                    .into_iter()
                    .map(Some)
                    .collect()
            }
            None => vec![None; layer.units.len()],
        }
        .into_iter();
        let units = layer.units.into_iter().map(|unit| Unit {
            name: unit.name,
            kind: unit.kind,
            reason: unit.reason,
            digest: unit.content.digest.into(),
            size: unit.content.size,
            uncompressed_size: unit.content.uncompressed_size,
            files: unit.content.files,
            excluded: unit.excluded,
            shared_with: Vec::new(),
            paths: paths.next().flatten(),
        });
        Ok(Self {
            name: layer.name,
            digest: content.digest.into(),
            size: content.size,
            uncompressed_size: content.uncompressed_size,
            files: content.files,
            shared_with: Vec::new(),
            units: units.collect(),
        })
    }
}

/// The files of each unit of a layer. A unit of several is a run of the tar, which begins
/// with the directories of all and ends with the blocks that end an archive.
fn of_units(
    path: &Path,
    listing: &LayerFiles,
    layer_size: u64,
    units: &[plan::Unit],
) -> Result<Vec<Vec<File>>> {
    let not_its = || Error::Content {
        path: path.to_owned(),
        problem: "does not list the units of the plan's layer of that digest; write both again"
            .to_owned(),
    };
    let sizes = || units.iter().map(|unit| unit.content.uncompressed_size);
    let mut start = match units {
        [unit] if unit.content.uncompressed_size == layer_size => 0,
        _ => sizes()
            .try_fold(END.len() as u64, u64::checked_add)
            .and_then(|all| layer_size.checked_sub(all))
            .ok_or_else(not_its)?,
    };
    let mut left = &listing.files[..];
    let mut all = Vec::with_capacity(units.len());
    for unit in units {
        let content = &unit.content;
        let end = start + content.uncompressed_size;
        let (here, after) = left.split_at(left.partition_point(|file| file.offset < end));
        if here.first().is_some_and(|file| file.offset < start) {
            return Err(not_its());
        }
        let share = |file: &ListedFile| {
            let bytes = u128::from(file.size) * u128::from(content.size);
            u64::try_from(bytes / u128::from(content.uncompressed_size.max(1))).unwrap_or(u64::MAX)
        };
        let mut files: Vec<_> = here
            .iter()
            .map(|file| File {
                path: file.path.clone(),
                size: share(file),
                uncompressed_size: file.size,
                digest: file.digest.clone(),
                link: file.link.clone(),
            })
            .collect();
        files.sort_by(|a, b| by_component(a.path.as_bytes(), b.path.as_bytes()));
        all.push(files);
        left = after;
        start = end;
    }
    if left.is_empty() {
        Ok(all)
    } else {
        Err(not_its())
    }
}

/// Adds the machines to a name that several images have, as those for several platforms do,
/// and a number if that is not enough.
fn tell_apart(images: &mut [Image]) {
    let additions: [fn(&Image, usize) -> String; 2] = [
        |image, _| image.machines.clone(),
        |_, number| format!("#{number}"),
    ];
    for addition in additions {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for image in images.iter() {
            *count.entry(image.name.clone()).or_default() += 1;
        }
        count.retain(|_, count| *count > 1);
        for image in images.iter_mut().rev() {
            if let Some(number) = count.get_mut(&image.name) {
                let added = addition(image, *number);
                image.name = format!("{} {added}", image.name).trim_end().to_owned();
                *number -= 1;
            }
        }
    }
}

/// Says of each layer and unit which other images have it.
fn share(images: &mut [Image]) {
    let mut having: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (number, image) in images.iter().enumerate() {
        for layer in &image.layers {
            for digest in [&layer.digest]
                .into_iter()
                .chain(layer.units.iter().map(|unit| &unit.digest))
            {
                having.entry(digest.clone()).or_default().insert(number);
            }
        }
    }
    let names: Vec<_> = images.iter().map(|image| image.name.clone()).collect();
    for (number, image) in images.iter_mut().enumerate() {
        let others = |digest: &String| {
            having
                .get(digest)
                .into_iter()
                .flatten()
                .filter(|&&other| other != number)
                .map(|&other| names[other].clone())
                .collect()
        };
        for layer in &mut image.layers {
            layer.shared_with = others(&layer.digest);
            for unit in &mut layer.units {
                unit.shared_with = others(&unit.digest);
            }
        }
    }
}
