//! Reads and writes OCI image layouts (OCI image specification 1.1, image-layout.md).

use super::config::check_types;
use super::platform::Platform;
use super::{media_type, to_json, Descriptor, Index, Manifest, IMAGE_NAME, REF_NAME};
use layer::compress::Compression;
use layer::digest::Digest;
use layer::error::{Error, Result};
use layer::metadata::read_json;
use layer::system;
use layer::temporary::Temporary;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const VERSION_FILE: &str = "oci-layout";
const INDEX_FILE: &str = "index.json";
const BLOBS: &str = "blobs/sha256";
const NOT_IT: &str = "not an OCI image layout";
const FIX: &str = "give a directory with oci-layout, index.json and blobs, as `skopeo copy ... oci:DIR` writes one";

/// What a blob is whose digest is not its name's.
pub const OTHER_BYTES: &str = "is not what its digest says; fetch or build it again";

/// Bytes of an index, a manifest or a configuration: what registries take of a manifest
/// (OCI distribution specification 1.1, "Pushing Manifests").
const MAX_JSON: u64 = 4 << 20;

/// Bytes of all that is read of one layout to find an image.
const MAX_JSON_OF_ALL: u64 = 8 * MAX_JSON;

/// Indexes in indexes.
const MAX_DEPTH: usize = 32;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    image_layout_version: String,
}

/// A layout that is read.
#[derive(Clone, Debug)]
pub struct Layout {
    path: PathBuf,
    index: Index,
}

/// Which image of a layout. Of what is not said there is one.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What it runs on.
    pub platform: Option<Platform>,
    /// Its tag, or that of its index.
    pub tag: Option<String>,
}

/// The os of what is listed as an image and is none, e.g. an attestation.
const UNKNOWN: &str = "unknown";

/// An image of a layout.
#[derive(Clone, Debug)]
pub struct Image {
    /// Of the manifest, with the platform.
    pub descriptor: Descriptor,
    /// The manifest.
    pub manifest: Manifest,
    /// The manifest's blob.
    pub manifest_bytes: Vec<u8>,
    /// The configuration; an object.
    pub config: Map<String, Value>,
    /// The configuration's blob.
    pub config_bytes: Vec<u8>,
    /// What the configuration says that it runs on.
    pub platform: Platform,
    /// The tags of it, or of the indexes that it is in.
    pub tags: BTreeSet<String>,
    /// The names for stores, likewise.
    pub names: BTreeSet<String>,
}

impl Image {
    /// Takes the names of an entry of `index.json` that leads to it.
    fn named_by(&mut self, entry: &Descriptor) {
        for (names, annotation) in [(&mut self.tags, REF_NAME), (&mut self.names, IMAGE_NAME)] {
            names.extend(entry.annotations.get(annotation).cloned());
        }
    }
}

impl Layout {
    /// Reads what a directory holds.
    ///
    /// # Errors
    /// It is no layout of version 1.
    pub fn open(path: &Path) -> Result<Self> {
        let layout = |problem: String| Error::Content {
            path: path.to_owned(),
            problem: format!("{NOT_IT} ({problem}); {FIX}"),
        };
        for name in [VERSION_FILE, INDEX_FILE] {
            if !path.join(name).is_file() {
                return Err(layout(format!("the file {name} is missing")));
            }
        }
        for name in [VERSION_FILE, INDEX_FILE] {
            let file = path.join(name);
            let size = fs::metadata(&file).map_err(Error::io("read", &file))?.len();
            check_size(&file, size)?;
        }
        let version: Version = read_json(&path.join(VERSION_FILE), NOT_IT, FIX)?;
        if !version.image_layout_version.starts_with("1.") {
            return Err(layout(format!(
                "version {:?}",
                version.image_layout_version
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            index: read_json(&path.join(INDEX_FILE), NOT_IT, FIX)?,
        })
    }

    /// `index.json`.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// All images, those of nested indexes too.
    ///
    /// # Errors
    /// Blobs that are missing or no images; more indexes than an image needs.
    pub fn images(&self) -> Result<Vec<Image>> {
        self.matching(&Choice::default())
    }

    /// The image that is chosen.
    ///
    /// # Errors
    /// There is none, or it is not clear which.
    pub fn image(&self, choice: &Choice) -> Result<Image> {
        let mut images = self.matching(choice)?;
        if let Some(wanted) = &choice.platform {
            // One for any machine of the architecture is for who asks for no more.
            let is_same = |image: &Image| image.platform.variant() == wanted.variant();
            if images.iter().any(is_same) {
                images.retain(is_same);
            }
        }
        match (images.len(), &choice.platform) {
            (1, _) => Ok(images.swap_remove(0)),
            (2.., None) if !same_platform(&images) => Err(self.error(format!(
                "holds images for {}; choose one by --platform",
                platforms(&images)
            ))),
            (2.., _) => Err(self.error(several(&images))),
            (0, _) => Err(self.error(self.why_none(choice)?)),
        }
    }

    fn why_none(&self, choice: &Choice) -> Result<String> {
        let tags = self.index.manifests.iter();
        let tags: Vec<&str> = tags
            .filter_map(|entry| entry.annotations.get(REF_NAME))
            .map(String::as_str)
            .collect();
        // Blobs of the others may be left out.
        let all = self.matching(&Choice {
            platform: None,
            tag: choice.tag.clone(),
        });
        let all = all.unwrap_or_default();
        Ok(match (&choice.tag, &choice.platform) {
            (Some(tag), _) if !tags.contains(&tag.as_str()) => {
                format!("has the tags {:?}, and not {tag:?}; give one of them", tags)
            }
            (_, Some(wanted)) if !all.is_empty() => format!(
                "holds an image for {}, and none for {wanted}; give a layout with that platform",
                platforms(&all)
            ),
            (_, Some(wanted)) => format!("holds no image for {wanted}; give a layout that does"),
            _ => "holds no image; give a layout that does".to_owned(),
        })
    }

    /// Each image once, in the order of the layout.
    fn matching(&self, choice: &Choice) -> Result<Vec<Image>> {
        let wanted = choice.platform.as_ref();
        let is = |platform: &Platform| {
            platform.os != UNKNOWN && wanted.is_none_or(|wanted| platform.is(wanted))
        };
        let mut images: Vec<Image> = Vec::new();
        // Where each stands in `images`; None: it is none of them.
        let mut known: BTreeMap<Digest, Option<usize>> = BTreeMap::new();
        let mut budget = MAX_JSON_OF_ALL;
        for entry in &self.index.manifests {
            if choice.tag.is_some() && entry.annotations.get(REF_NAME) != choice.tag.as_ref() {
                continue;
            }
            let mut seen = BTreeSet::new();
            let mut left = vec![(entry.clone(), 0)];
            while let Some((descriptor, depth)) = left.pop() {
                match media_type::of_oci(&descriptor.media_type) {
                    media_type::INDEX if seen.insert(descriptor.digest.clone()) => {
                        if depth == MAX_DEPTH {
                            return Err(self.error(format!(
                                "has indexes in indexes, more than {MAX_DEPTH} deep; give a layout \
                                 whose index names its images"
                            )));
                        }
                        let (index, _): (Index, _) = self.json(&descriptor, &mut budget)?;
                        let inner = index.manifests.into_iter().rev();
                        left.extend(inner.map(|inner| (inner, depth + 1)));
                    }
                    // Its blobs may be left out where the index says that it is for others.
                    media_type::MANIFEST if descriptor.platform.as_ref().is_none_or(is) => {
                        let at = if let Some(at) = known.get(&descriptor.digest) {
                            *at
                        } else {
                            let image = self.read(&descriptor, &mut budget)?;
                            images.extend(image.filter(|image| is(&image.platform)));
                            let at = images.len().checked_sub(1);
                            let at =
                                at.filter(|&at| images[at].descriptor.digest == descriptor.digest);
                            known.insert(descriptor.digest, at);
                            at
                        };
                        if let Some(at) = at {
                            images[at].named_by(entry);
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(images)
    }

    /// None for what is no image to run, e.g. an attestation.
    fn read(&self, descriptor: &Descriptor, budget: &mut u64) -> Result<Option<Image>> {
        let (manifest, manifest_bytes): (Manifest, _) = self.json(descriptor, budget)?;
        if media_type::of_oci(&manifest.config.media_type) != media_type::CONFIG {
            return Ok(None);
        }
        let (config, config_bytes): (Map<String, Value>, _) =
            self.json(&manifest.config, budget)?;
        let Some(platform) = Platform::of_config(&config) else {
            return Err(self.error(format!(
                "the configuration {} has no architecture and os; give another image",
                manifest.config.digest
            )));
        };
        if platform.os == UNKNOWN {
            return Ok(None);
        }
        check_types(&config).map_err(|problem| Error::Content {
            path: self.path_of(&manifest.config.digest),
            problem: format!(
                "is not the configuration of an image ({problem}); fetch the image again"
            ),
        })?;
        let mut descriptor = descriptor.clone();
        descriptor.platform = Some(platform.clone());
        Ok(Some(Image {
            descriptor,
            manifest,
            manifest_bytes,
            config,
            config_bytes,
            platform,
            tags: BTreeSet::new(),
            names: BTreeSet::new(),
        }))
    }

    /// A small blob, which is checked. Its bytes leave the budget.
    fn json<T: for<'de> Deserialize<'de>>(
        &self,
        descriptor: &Descriptor,
        budget: &mut u64,
    ) -> Result<(T, Vec<u8>)> {
        let path = self.blob(descriptor)?;
        check_size(&path, descriptor.size)?;
        *budget = budget.checked_sub(descriptor.size).ok_or_else(|| {
            self.error(format!(
                "has more than {MAX_JSON_OF_ALL} bytes of indexes, manifests and configurations; \
                 give a layout of fewer images"
            ))
        })?;
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        if Digest::of(&bytes) != descriptor.digest {
            return Err(Error::Content {
                path,
                problem: OTHER_BYTES.to_owned(),
            });
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok((value, bytes)),
            Err(error) => Err(Error::Content {
                path,
                problem: format!(
                    "is not a valid {} ({error}); fetch the image again",
                    descriptor.media_type
                ),
            }),
        }
    }

    /// The file of a blob, which has the right size.
    ///
    /// # Errors
    /// It is missing, or has another size.
    pub fn blob(&self, descriptor: &Descriptor) -> Result<PathBuf> {
        let path = self.path_of(&descriptor.digest);
        match fs::metadata(&path) {
            Ok(found) if found.is_file() && found.len() == descriptor.size => Ok(path),
            Ok(found) => Err(self.error(format!(
                "blob {} has {} bytes instead of {}; fetch the image again",
                descriptor.digest,
                found.len(),
                descriptor.size
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.error(format!(
                "blob {} is missing; give a layout with all blobs of the image, or choose one by \
                 --platform that has them",
                descriptor.digest
            ))),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// The same of a layer, and how that is compressed.
    ///
    /// # Errors
    /// As [`Layout::blob`]; the media type is that of no layer.
    pub fn layer(&self, number: usize, descriptor: &Descriptor) -> Result<(PathBuf, Compression)> {
        let compression = descriptor.compression().ok_or_else(|| {
            self.error(format!(
                "layer {number} has the media type {:?}, which is unknown; give an image \
                 whose layers are one of {}",
                descriptor.media_type,
                Compression::media_types()
            ))
        })?;
        Ok((self.blob(descriptor)?, compression))
    }

    fn path_of(&self, digest: &Digest) -> PathBuf {
        self.path.join(BLOBS).join(digest.digits())
    }

    /// An error about the layout.
    #[must_use]
    pub fn error(&self, problem: String) -> Error {
        Error::Content {
            path: self.path.clone(),
            problem,
        }
    }
}

fn platforms(images: &[Image]) -> String {
    let names: Vec<_> = images
        .iter()
        .map(|image| image.platform.to_string())
        .collect();
    names.join(", ")
}

fn same_platform(images: &[Image]) -> bool {
    let mut platforms = images.iter().map(|image| &image.platform);
    let first = platforms.next();
    platforms.all(|platform| Some(platform) == first)
}

/// Why an image of several is not chosen.
fn several(images: &[Image]) -> String {
    let each: Vec<_> = images
        .iter()
        .map(|image| {
            let tags: Vec<_> = image.tags.iter().map(String::as_str).collect();
            let tags = if tags.is_empty() {
                "without a tag".to_owned()
            } else {
                format!("with the tag {}", tags.join(", "))
            };
            format!("{} ({}, {tags})", image.descriptor.digest, image.platform)
        })
        .collect();
    format!(
        "holds {} images that match: {}; choose one by its tag (`base_tag` of an image, \
         `--base-tag` of this program for a base, else `--tag`), or give a layout of one",
        images.len(),
        each.join(", ")
    )
}

fn check_size(path: &Path, size: u64) -> Result<()> {
    if size <= MAX_JSON {
        return Ok(());
    }
    Err(Error::Content {
        path: path.to_owned(),
        problem: format!(
            "has {size} bytes, and registries take indexes, manifests and configurations of up to \
             {MAX_JSON}; give another image"
        ),
    })
}

/// Whether a blob that is copied has to be read for its digest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// Who built it, vouches for it.
    BuildSystem,
    /// It may come from anywhere.
    Nobody,
}

/// A layout that is written. It has its name only when it is whole.
pub struct Writer {
    directory: Temporary,
    path: PathBuf,
}

impl Writer {
    /// Starts a layout that will be at `path`.
    ///
    /// # Errors
    /// The parent does not take a directory; `path` is there and is no empty directory.
    pub fn create(path: &Path) -> Result<Self> {
        system::fail_beyond_limit();
        let taken = match fs::read_dir(path) {
            Ok(mut children) => children.next().is_some(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if taken {
            return Err(Error::Content {
                path: path.to_owned(),
                problem: "is not an empty directory, so a layout cannot replace it; name another directory"
                    .to_owned(),
            });
        }
        let parent = path.parent().unwrap_or(path);
        let (directory, ()) = Temporary::new(parent, |directory| fs::create_dir(directory))
            .map_err(Error::io("write", path))?;
        // One by one: all at once would make the directory again that a signal has removed.
        for inner in ["blobs", BLOBS] {
            fs::create_dir(directory.path().join(inner)).map_err(Error::io("write", path))?;
        }
        Ok(Self {
            directory,
            path: path.to_owned(),
        })
    }

    /// Adds a blob.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&self, media_type: &str, bytes: &[u8]) -> Result<Descriptor> {
        let descriptor = Descriptor::of(media_type, bytes);
        if let Some(target) = self.target(&descriptor.digest) {
            fs::write(target, bytes).map_err(Error::io("write", &self.path))?;
        }
        Ok(descriptor)
    }

    /// Adds a file of a digest, without copying it where the file system can.
    ///
    /// # Errors
    /// It cannot be linked or copied, or is nobody's to trust and has another digest.
    pub fn add_file(&self, digest: &Digest, source: &Path, trust: Trust) -> Result<()> {
        let Some(target) = self.target(digest) else {
            return Ok(());
        };
        place(source, &target).map_err(Error::io("copy", source))?;
        if trust == Trust::BuildSystem
            || File::open(&target)
                .and_then(Digest::of_reader)
                .map_err(Error::io("read", source))?
                == *digest
        {
            return Ok(());
        }
        Err(Error::Content {
            path: source.to_owned(),
            problem: OTHER_BYTES.to_owned(),
        })
    }

    /// Where a blob goes; None if it is there.
    fn target(&self, digest: &Digest) -> Option<PathBuf> {
        let path = self.directory.path().join(BLOBS).join(digest.digits());
        Some(path).filter(|path| !path.exists())
    }

    /// Ends the layout and gives it its name.
    ///
    /// # Errors
    /// The name cannot be taken.
    pub fn finish(self, index: &Index) -> Result<()> {
        let version = Version {
            image_layout_version: "1.0.0".to_owned(),
        };
        for (name, bytes) in [
            (VERSION_FILE, to_json(&version, &self.path)?),
            (INDEX_FILE, to_json(index, &self.path)?),
        ] {
            fs::write(self.directory.path().join(name), bytes)
                .map_err(Error::io("write", &self.path))?;
        }
        // An empty directory gives way.
        let path = self.path;
        self.directory
            .rename(&path)
            .map_err(Error::io("write", &path))
    }
}

/// Makes `target` the same file as `source`, or one of the same content.
fn place(source: &Path, target: &Path) -> io::Result<()> {
    // In a sandbox an input is a link to the file.
    let source = fs::canonicalize(source)?;
    // A file that somebody may still write is none to share: Bazel makes outputs read-only.
    if fs::metadata(&source)?.permissions().readonly() && fs::hard_link(&source, target).is_ok() {
        return Ok(());
    }
    // The system clones the file where it can (reflink).
    fs::copy(&source, target).map(|_| ())
}
