//! What is known of a layer once it is written.

use crate::compress::Compression;
use crate::digest::Digest;
use crate::elf::Machines;
use crate::error::{Error, Result};
use crate::output::{self, Output};
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize};
use std::fs;
use std::io::Write;
use std::path::Path;

const NOT_IT: &str = "not the metadata of a layer";
const FIX: &str = "give a file that `layer --metadata` wrote";

/// The metadata of a layer, one JSON object in a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Metadata {
    /// The layer's name; empty if it was given none.
    pub name: String,
    /// The same as `compression`, by its media type (OCI image specification 1.1, layer.md).
    #[serde(with = "layer_type")]
    pub media_type: Compression,
    /// Of the layer's bytes.
    pub digest: Digest,
    /// Of the uncompressed tar (config.md, `rootfs.diff_ids`); None if it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub diff_id: Option<Digest>,
    /// Bytes of the layer.
    #[serde(deserialize_with = "size")]
    pub size: u64,
    /// Bytes of the uncompressed tar.
    #[serde(deserialize_with = "size")]
    pub uncompressed_size: u64,
    /// Entries of the tar.
    pub entries: u64,
    /// Regular files among them, hard links included.
    pub files: u64,
    /// The machines that its programs and shared objects are for.
    pub machines: Machines,
    /// How it is compressed.
    pub compression: Compression,
    /// Level of the compression.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<u32>,
    /// Library and version that compressed: the bytes are stable within it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compressor: Option<String>,
}

impl Metadata {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no metadata.
    pub fn read(path: &Path) -> Result<Self> {
        let metadata: Self = read_json(path, NOT_IT, FIX)?;
        if metadata.media_type == metadata.compression {
            return Ok(metadata);
        }
        Err(Error::Content {
            path: path.to_owned(),
            problem: format!(
                "{NOT_IT} (the media type {:?} does not fit the compression {:?}); {FIX}",
                metadata.media_type.media_type(),
                metadata.compression.name()
            ),
        })
    }
}

/// Media types of layers.
mod layer_type {
    use crate::compress::Compression;
    use serde::{de, Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(of: &Compression, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(of.media_type())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Compression, D::Error> {
        let text = String::deserialize(from)?;
        Compression::of_media_type(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "the media type {text:?} is not that of a layer; use one of {}",
                Compression::media_types()
            ))
        })
    }
}

/// Reads a number of bytes, which the OCI image specification 1.1 bounds (descriptor.md, `size`).
///
/// # Errors
/// It is more.
pub fn size<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<u64, D::Error> {
    let size = u64::deserialize(from)?;
    if i64::try_from(size).is_ok() {
        return Ok(size);
    }
    Err(de::Error::custom(format!(
        "{size} bytes are more than a size can be, {}",
        i64::MAX
    )))
}

/// Reads a JSON file.
///
/// # Errors
/// It cannot be read, or is `not_it`; `fix` says what to do then.
pub fn read_json<T: DeserializeOwned>(path: &Path, not_it: &str, fix: &str) -> Result<T> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Content {
        path: path.to_owned(),
        problem: format!("{not_it} ({error}); {fix}"),
    })
}

/// Starts a file with the JSON of a value.
///
/// # Errors
/// It cannot be written.
pub fn create_json(path: &Path, json: &impl Serialize) -> Result<Output> {
    let mut file = Output::create(path)?;
    let mut bytes =
        serde_json::to_vec_pretty(json).map_err(|error| Error::io("write", path)(error.into()))?;
    bytes.push(b'\n');
    file.write_all(&bytes).map_err(Error::io("write", path))?;
    Ok(file)
}

/// Gives an output its name, and the JSON that describes it before.
///
/// # Errors
/// Neither has its name then.
pub fn commit_with_json(output: Output, path: &Path, json: &impl Serialize) -> Result<()> {
    // The output last: where it is, what describes it is.
    output::commit([create_json(path, json)?, output])
}
