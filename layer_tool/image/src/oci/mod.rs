//! Container images as OCI image layouts (OCI image specification 1.1).
//!
//! An image is its configuration and its manifest, both small JSON made of the metadata of
//! layers; no layer is read for them. A layout that is *sparse* holds these alone, which
//! the specification allows (image-layout.md, "Blobs"), and a whole one the layers, too.

pub mod config;
pub mod descriptor;
pub mod docker_archive;
pub mod image;
pub mod index;
pub mod layout;
pub mod load;
pub mod names;
pub mod pairs;
pub mod platform;

use layer::compress::Compression;
use layer::digest::Digest;
use layer::error::{Error, Result};
use layer::metadata::size;
use platform::Platform;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The media types of this crate's images (media-types.md).
pub mod media_type {
    /// An image index.
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// An image manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// An image configuration.
    pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

    /// What Docker called the same things, in images that a base may still be.
    const DOCKER: [(&str, &str); 6] = [
        (
            "application/vnd.docker.distribution.manifest.list.v2+json",
            INDEX,
        ),
        (
            "application/vnd.docker.distribution.manifest.v2+json",
            MANIFEST,
        ),
        ("application/vnd.docker.container.image.v1+json", CONFIG),
        (
            "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.oci.image.layer.v1.tar",
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.oci.image.layer.v1.tar+gzip",
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            "application/vnd.oci.image.layer.v1.tar+zstd",
        ),
    ];

    /// The OCI media type for one of Docker's; others stay as they are.
    #[must_use]
    pub fn of_oci(media_type: &str) -> &str {
        DOCKER
            .iter()
            .find(|(docker, _)| *docker == media_type)
            .map_or(media_type, |(_, oci)| oci)
    }
}

/// Layers of an image that stores take: each is mounted, and what mounts them takes no more.
pub const MAX_LAYERS: usize = 127;

/// Annotation of a descriptor in a layout: the tag (annotations.md).
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// Annotation of a descriptor in a layout: the name with which stores load it (containerd's).
pub const IMAGE_NAME: &str = "io.containerd.image.name";

/// Points to a blob (descriptor.md).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// Of the blob.
    pub digest: Digest,
    /// Bytes of the blob.
    #[serde(deserialize_with = "size")]
    pub size: u64,
    /// Of an image in an index.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub platform: Option<Platform>,
    /// Arbitrary.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        default,
        deserialize_with = "nothing_by_null"
    )]
    pub annotations: BTreeMap<String, String>,
    /// `urls` and whatever else stands there.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl Descriptor {
    /// A descriptor of a blob that was hashed.
    #[must_use]
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest,
            size,
            platform: None,
            annotations: BTreeMap::new(),
            others: Map::new(),
        }
    }

    /// A descriptor of bytes.
    #[must_use]
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self::new(media_type, Digest::of(bytes), bytes.len() as u64)
    }

    /// How a layer is compressed; None for what is no layer.
    #[must_use]
    pub fn compression(&self) -> Option<Compression> {
        Compression::of_media_type(media_type::of_oci(&self.media_type))
    }
}

/// Programs in Go write null for a map or a list that is empty, and read it so.
fn nothing_by_null<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// An image manifest (manifest.md).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// 2.
    pub schema_version: u32,
    /// [`media_type::MANIFEST`].
    #[serde(default, deserialize_with = "nothing_by_null")]
    pub media_type: String,
    /// The configuration.
    pub config: Descriptor,
    /// Lowest first.
    #[serde(deserialize_with = "nothing_by_null")]
    pub layers: Vec<Descriptor>,
    /// Arbitrary.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        default,
        deserialize_with = "nothing_by_null"
    )]
    pub annotations: BTreeMap<String, String>,
}

/// An image index (image-index.md); `index.json` of a layout is one, too.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// 2.
    pub schema_version: u32,
    /// [`media_type::INDEX`].
    #[serde(default, deserialize_with = "nothing_by_null")]
    pub media_type: String,
    /// Images, or other indexes.
    #[serde(deserialize_with = "nothing_by_null")]
    pub manifests: Vec<Descriptor>,
    /// Arbitrary.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        default,
        deserialize_with = "nothing_by_null"
    )]
    pub annotations: BTreeMap<String, String>,
}

impl Index {
    /// An index of images.
    #[must_use]
    pub fn new(manifests: Vec<Descriptor>, annotations: BTreeMap<String, String>) -> Self {
        Self {
            schema_version: 2,
            media_type: media_type::INDEX.to_owned(),
            manifests,
            annotations,
        }
    }
}

/// The names of an image in a layout, which whoever loads or pushes it may use.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Checked by [`names::check_tag`].
    pub tag: Option<String>,
    /// Checked by [`names::check_reference`].
    pub repo_tag: Option<String>,
}

impl Names {
    /// Annotations of the descriptor in `index.json`.
    ///
    /// # Errors
    /// A name that no registry takes.
    pub fn annotations(&self) -> Result<BTreeMap<String, String>> {
        let mut annotations = BTreeMap::new();
        if let Some(tag) = &self.tag {
            names::check_tag(tag)?;
            annotations.insert(REF_NAME.to_owned(), tag.clone());
        }
        if let Some(repo_tag) = &self.repo_tag {
            names::check_reference(repo_tag)?;
            annotations.insert(IMAGE_NAME.to_owned(), repo_tag.clone());
        }
        Ok(annotations)
    }
}

/// JSON as it is hashed: no space, keys in a fixed order.
///
/// # Errors
/// None that a value of this crate can cause; `path` is for the message.
pub fn to_json(value: &impl Serialize, path: &Path) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::io("write", path)(error.into()))
}
