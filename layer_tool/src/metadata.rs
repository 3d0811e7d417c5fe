//! What is known of a layer once it is written.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// The metadata of a layer, one JSON object in a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Metadata {
    /// The layer's name; empty if it was given none.
    pub name: String,
    /// Media type (OCI image specification 1.1, layer.md).
    pub media_type: String,
    /// `sha256:...` of the layer's bytes (descriptor.md).
    pub digest: String,
    /// `sha256:...` of the uncompressed tar (config.md, `rootfs.diff_ids`).
    pub diff_id: String,
    /// Bytes of the layer.
    pub size: u64,
    /// Bytes of the uncompressed tar.
    pub uncompressed_size: u64,
    /// Entries of the tar.
    pub entries: u64,
    /// Regular files among them, hard links included.
    pub files: u64,
    /// gzip, zstd or none.
    pub compression: String,
    /// Level of the compression.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<u32>,
    /// Library and version that compressed: the bytes are stable within it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compressor: Option<String>,
}

impl Metadata {
    /// The file's bytes.
    ///
    /// # Errors
    /// None that is known: the type is plain.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no metadata.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::io("read", path))?;
        serde_json::from_slice(&bytes).map_err(|error| Error::Content {
            path: path.to_owned(),
            problem: format!(
                "no metadata of a layer ({error}); give a file that `layer --metadata` wrote"
            ),
        })
    }
}
