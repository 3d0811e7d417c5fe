//! What is known of a layer once it is written.

use crate::elf::Machines;
use crate::error::{Error, Result};
use crate::output::Output;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
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
    /// `sha256:...` of the uncompressed tar (config.md, `rootfs.diff_ids`); None if it was
    /// not asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub diff_id: Option<String>,
    /// Bytes of the layer.
    pub size: u64,
    /// Bytes of the uncompressed tar.
    pub uncompressed_size: u64,
    /// Entries of the tar.
    pub entries: u64,
    /// Regular files among them, hard links included.
    pub files: u64,
    /// The machines that its programs and shared objects are for.
    pub machines: Machines,
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
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no metadata.
    pub fn read(path: &Path) -> Result<Self> {
        read_json(
            path,
            "no metadata of a layer",
            "give a file that `layer --metadata` wrote",
        )
    }
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
    create_json(path, json)?.commit()?;
    output.commit().inspect_err(|_| {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(path);
    })
}
