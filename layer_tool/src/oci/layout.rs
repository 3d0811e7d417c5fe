//! Reads and writes OCI image layouts (OCI image specification 1.1, image-layout.md).

use super::platform::Platform;
use super::{media_type, to_json, Descriptor, Index, Manifest};
use crate::error::{Error, Result};
use crate::metadata::read_json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const VERSION_FILE: &str = "oci-layout";
const INDEX_FILE: &str = "index.json";
const BLOBS: &str = "blobs/sha256";
const NOT_IT: &str = "no OCI image layout";
const FIX: &str = "give a folder with oci-layout, index.json and blobs, as `skopeo copy ... oci:FOLDER` writes one";

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
}

impl Layout {
    /// Reads what a folder holds.
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
                return Err(layout(format!("it has no file {name}")));
            }
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
    /// Blobs that are missing or no images.
    pub fn images(&self) -> Result<Vec<Image>> {
        self.matching(|_| true)
    }

    /// The image for a platform, or the only one.
    ///
    /// # Errors
    /// There is none, or it is not clear which.
    pub fn image(&self, wanted: Option<&Platform>) -> Result<Image> {
        let is = |platform: &Platform| wanted.map_or(true, |wanted| platform.is(wanted));
        let mut images = self.matching(is)?;
        // The same under several tags.
        images.dedup_by(|a, b| a.descriptor.digest == b.descriptor.digest);
        match (images.len(), wanted) {
            (1, _) | (2.., Some(_)) => Ok(images.swap_remove(0)),
            (0, None) => Err(self.error("holds no image; give one that does".to_owned())),
            (_, None) => Err(self.error(format!(
                "holds images for {}; choose one by --platform",
                platforms(&images)
            ))),
            (_, Some(wanted)) => Err(self.error(format!(
                "holds an image for {}, and none for {wanted}; give one of that platform",
                platforms(&self.images()?)
            ))),
        }
    }

    fn matching(&self, is: impl Fn(&Platform) -> bool) -> Result<Vec<Image>> {
        let mut images = Vec::new();
        let mut left: Vec<_> = self.index.manifests.iter().rev().cloned().collect();
        while let Some(descriptor) = left.pop() {
            match media_type::of_oci(&descriptor.media_type) {
                media_type::INDEX => {
                    let (index, _): (Index, _) = self.json(&descriptor)?;
                    left.extend(index.manifests.into_iter().rev());
                }
                // Its blobs may be left out where the index says that it is for others.
                media_type::MANIFEST if descriptor.platform.as_ref().map_or(true, &is) => {
                    images.extend(self.read(&descriptor)?.filter(|image| is(&image.platform)));
                }
                _ => {}
            }
        }
        Ok(images)
    }

    /// None for what is no image to run, e.g. an attestation.
    fn read(&self, descriptor: &Descriptor) -> Result<Option<Image>> {
        let (manifest, manifest_bytes): (Manifest, _) = self.json(descriptor)?;
        if media_type::of_oci(&manifest.config.media_type) != media_type::CONFIG {
            return Ok(None);
        }
        let (config, config_bytes): (Map<String, Value>, _) = self.json(&manifest.config)?;
        let Some(platform) = Platform::of_config(&config) else {
            return Err(self.error(format!(
                "the configuration {} has no architecture and os; mend the image",
                manifest.config.digest
            )));
        };
        if platform.os == "unknown" {
            return Ok(None);
        }
        let mut descriptor = descriptor.clone();
        descriptor.platform = Some(platform.clone());
        Ok(Some(Image {
            descriptor,
            manifest,
            manifest_bytes,
            config,
            config_bytes,
            platform,
        }))
    }

    /// A small blob, which is checked.
    fn json<T: for<'de> Deserialize<'de>>(&self, descriptor: &Descriptor) -> Result<(T, Vec<u8>)> {
        let path = self.blob(descriptor)?;
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        if Descriptor::of("", &bytes).digest != descriptor.digest {
            return Err(Error::Content {
                path,
                problem: "is not what its digest says; fetch the image again".to_owned(),
            });
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok((value, bytes)),
            Err(error) => Err(Error::Content {
                path,
                problem: format!(
                    "is no {} ({error}); fetch the image again",
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
        let name = blob_name(&descriptor.digest).ok_or_else(|| {
            self.error(format!(
                "{:?} is no SHA-256 digest; copy the image by skopeo",
                descriptor.digest
            ))
        })?;
        let path = self.path.join(BLOBS).join(name);
        match fs::metadata(&path) {
            Ok(found) if found.is_file() && found.len() == descriptor.size => Ok(path),
            Ok(found) => Err(self.error(format!(
                "blob {} has {} bytes where {} are meant; fetch the image again",
                descriptor.digest,
                found.len(),
                descriptor.size
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.error(format!(
                "blob {} is missing; give a layout with all blobs of the image",
                descriptor.digest
            ))),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
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

/// The file's name of a digest, which may come from anywhere.
fn blob_name(digest: &str) -> Option<&str> {
    digest
        .strip_prefix("sha256:")
        .filter(|name| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A layout that is written. It has its name only when it is whole.
pub struct Writer {
    folder: TempDir,
    path: PathBuf,
}

impl Writer {
    /// Starts a layout that will be at `path`.
    ///
    /// # Errors
    /// The parent does not take a folder; `path` is there and is no empty folder.
    pub fn create(path: &Path) -> Result<Self> {
        let taken = match fs::read_dir(path) {
            Ok(mut children) => children.next().is_some(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if taken {
            return Err(Error::Content {
                path: path.to_owned(),
                problem: "is no empty folder, so no layout can take its place; name another"
                    .to_owned(),
            });
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = tempfile::Builder::new()
            .prefix(".layer_tool.")
            .permissions(Permissions::from_mode(0o777))
            .tempdir_in(parent)
            .map_err(Error::io("write", path))?;
        fs::create_dir_all(folder.path().join(BLOBS)).map_err(Error::io("write", path))?;
        Ok(Self {
            folder,
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

    /// Adds a file whose digest is known, without reading it where the file system can.
    ///
    /// # Errors
    /// It cannot be linked or copied.
    pub fn add_file(&self, digest: &str, source: &Path) -> Result<()> {
        match self.target(digest) {
            Some(target) => place(source, &target).map_err(Error::io("copy", source)),
            None => Ok(()),
        }
    }

    /// Where a blob goes; None if it is there.
    fn target(&self, digest: &str) -> Option<PathBuf> {
        let name = blob_name(digest)?;
        Some(self.folder.path().join(BLOBS).join(name)).filter(|path| !path.exists())
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
            fs::write(self.folder.path().join(name), bytes)
                .map_err(Error::io("write", &self.path))?;
        }
        // An empty folder gives way.
        fs::rename(self.folder.path(), &self.path).map_err(Error::io("write", &self.path))?;
        // Nothing is left at its old name.
        let _ = self.folder.keep();
        Ok(())
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
