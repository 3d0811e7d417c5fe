//! What files layers hold and how many bytes of them each takes: one pass over a layer.
//!
//! A plan tells units, and no files; a report of files reads this beside it.

use crate::error::{Error, Result};
use crate::hashing::{HashingReader, HashingWriter};
use crate::metadata::{create_json, read_json};
use crate::mtree::vis;
use crate::output::distinct;
use crate::progress::Progress;
use crate::tar::decompress::decompress;
use crate::tar::{self, Limits, Type};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// What layers hold, one JSON object in a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Files {
    /// In any order.
    pub layers: Vec<LayerFiles>,
}

/// The files and links of a layer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LayerFiles {
    /// `sha256:...` of the layer's bytes, by which a plan finds it.
    pub digest: String,
    /// In the layer's order, without directories.
    pub files: Vec<ListedFile>,
}

/// A file or a link.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ListedFile {
    /// Path in the image without a leading `/`, as mtree(5) escapes it.
    pub path: String,
    /// Bytes of the tar before it.
    pub offset: u64,
    /// Bytes of the tar that it takes: headers, content, padding.
    pub size: u64,
    /// `sha256:...` of a file's content; None for an empty one and for links of both kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What a link is to, escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Files {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no list.
    pub fn read(path: &Path) -> Result<Self> {
        read_json(
            path,
            "not the list of the files of a layer",
            "give a file that `files --output` wrote",
        )
    }
}

impl LayerFiles {
    /// Lists the files of the layer at `path`, of any compression.
    ///
    /// # Errors
    /// It cannot be read, or is no tar.
    pub fn of(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("read", path))?;
        let size = file.metadata().map_err(Error::io("read", path))?.len();
        read(Progress::new(file, "listing", size)).map_err(Error::io("list", path))
    }
}

/// Lists the files of the layer at `path` in the file `output`.
///
/// # Errors
/// It cannot be read, or is no tar; the list cannot be written, or would take its place.
pub fn write(path: &Path, output: &Path) -> Result<()> {
    distinct([("--output", output)], [("layer", path)])?;
    let layers = vec![LayerFiles::of(path)?];
    create_json(output, &Files { layers })?.commit()
}

fn read(layer: impl Read) -> io::Result<LayerFiles> {
    let (layer, hash) = HashingReader::new(layer);
    let (_, tar) = decompress(BufReader::new(layer))?;
    let mut files = Vec::new();
    tar::read(tar, Limits::default(), |entry, content| {
        if entry.kind == Type::Dir {
            return Ok(());
        }
        let path = &entry.path[..];
        let relative = path.strip_prefix(b"./").or(path.strip_prefix(b"/"));
        let mut hashing = HashingWriter::new(io::sink());
        io::copy(content, &mut hashing)?;
        files.push(ListedFile {
            path: vis::escape(relative.unwrap_or(path)),
            offset: entry.offset,
            size: entry.end - entry.offset,
            digest: hashing
                .finish()
                .1
                .digest
                .filter(|_| entry.size > 0)
                .map(String::from),
            link: entry.link.as_deref().map(vis::escape),
        });
        Ok(())
    })?;
    Ok(LayerFiles {
        digest: hash.finish().0.into(),
        files,
    })
}
