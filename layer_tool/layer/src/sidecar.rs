//! What a layer has to know of a fragment: JSON beside it, read as types that hold no nonsense.

use crate::compress::chunk::CHUNK;
use crate::compress::Compression;
use crate::digest::Digest;
use crate::elf::Machines;
use crate::encoding::Encoding;
use crate::entry::{Attributes, Body, Entry};
use crate::error::{Error, Location, Result};
use crate::exclude::Excluded;
use crate::image_path::ImagePath;
use crate::metadata::read_json;
use crate::mtree::{self, vis, Time};
use serde::{Deserialize, Serialize};
use std::mem;
use std::path::Path;
use std::sync::Arc;

const FIX: &str = "write the fragment and its sidecar again, by this version of `layer --fragment`";

/// What a layer needs to know of a fragment, one JSON object in a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Sidecar {
    /// How it is compressed.
    #[serde(flatten)]
    pub encoding: Encoding,
    /// `sha256:...` of its bytes.
    pub digest: String,
    /// What is known of its bytes.
    #[serde(flatten)]
    pub segment: Segment,
    /// Regular files, hard links included.
    pub files: u64,
    /// What the unit has and the fragment has not.
    pub excluded: Excluded,
    /// The machines that its programs and shared objects are for.
    pub machines: Machines,
    /// Paths of its entries.
    pub paths: Vec<EscapedPath>,
    /// The directories above and among them.
    #[serde(rename = "folders")]
    pub directories: Vec<Directory>,
    /// `sha256:...` of all else here, as JSON without blanks in which this is empty. A layer that
    /// is not decompressed when it is put together has its sizes and CRC-32 from here.
    pub seal: String,
}

/// Compressed bytes that stand in a layer as they are.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// How many.
    pub size: u64,
    /// Their CRC-32, to find damage.
    pub checksum: u32,
    /// Bytes of the tar in them.
    pub uncompressed_size: u64,
    /// The CRC-32 of that, for gzip (RFC 1952).
    pub crc: u32,
    /// Compressed bytes of each chunk, for gzip: they can be inflated at once.
    pub chunks: Vec<u64>,
}

impl Sidecar {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is no sidecar, or holds what no fragment has.
    pub fn read(path: &Path) -> Result<Self> {
        let mut sidecar: Self = read_json(path, "not the sidecar of a fragment", FIX)?;
        let wrong = |problem: String| Error::Content {
            path: path.to_owned(),
            problem: format!("{problem}; {FIX}"),
        };
        sidecar.check().map_err(wrong)?;
        let seal = mem::take(&mut sidecar.seal);
        let sidecar = sidecar.sealed();
        if sidecar.seal != seal {
            return Err(wrong("it was changed after it was written".to_owned()));
        }
        Ok(sidecar)
    }

    /// This with its seal, which is empty yet.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        // Nothing here is what JSON has no form for.
        let json = serde_json::to_vec(&self).unwrap_or_default();
        self.seal = Digest::of(&json).into();
        self
    }

    /// Whether its numbers can be those of one fragment.
    fn check(&self) -> std::result::Result<(), String> {
        let Segment {
            size,
            uncompressed_size,
            chunks,
            ..
        } = &self.segment;
        let sum = chunks
            .iter()
            .try_fold(0_u64, |sum, &chunk| sum.checked_add(chunk));
        let wrong = match self.encoding.compression() {
            Compression::Gzip if sum != Some(*size) => "its chunks do not add up to its size",
            // What does not compress takes some bytes more, never twice as many.
            Compression::Gzip
                if chunks
                    .iter()
                    .any(|&chunk| chunk == 0 || chunk > 2 * CHUNK as u64) =>
            {
                "it has a chunk of an impossible size"
            }
            Compression::Gzip
                if uncompressed_size.div_ceil(CHUNK as u64) != chunks.len() as u64 =>
            {
                "its number of chunks does not fit its uncompressed_size"
            }
            Compression::Zstd | Compression::None if !chunks.is_empty() => {
                "it has chunks, which only a gzip fragment has"
            }
            Compression::None if uncompressed_size != size => {
                "its size and uncompressed_size differ"
            }
            _ if self.files > self.paths.len() as u64 => "it has more files than paths",
            _ => return Ok(()),
        };
        Err(wrong.to_owned())
    }
}

/// A path in the image, as mtree(5) escapes it: one text for one path.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Hash, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct EscapedPath(String);

impl EscapedPath {
    /// As it stands in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&ImagePath> for EscapedPath {
    fn from(path: &ImagePath) -> Self {
        Self(vis::escape(path))
    }
}

impl TryFrom<String> for EscapedPath {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        parse_path(&text).map(|_| Self(text))
    }
}

impl From<EscapedPath> for String {
    fn from(path: EscapedPath) -> Self {
        path.0
    }
}

/// The path of a text that is escaped as we do.
fn parse_path(text: &str) -> std::result::Result<ImagePath, String> {
    let path = ImagePath::new(&vis::unescape(text.as_bytes())?)?;
    let escaped = vis::escape(&path);
    if escaped == text {
        Ok(path)
    } else {
        Err(format!("path `{escaped}` is not escaped in the usual way"))
    }
}

/// A directory of a layer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "DirectoryJson", into = "DirectoryJson")]
pub struct Directory {
    /// Path in the image.
    pub path: ImagePath,
    /// Mode, owner, time.
    pub attributes: Arc<Attributes>,
    /// The entry that it is owned as, if no manifest names the directory.
    pub parent_of: Option<ImagePath>,
}

impl From<&Entry> for Directory {
    fn from(entry: &Entry) -> Self {
        Self {
            path: entry.path.clone(),
            attributes: Arc::clone(&entry.attributes),
            parent_of: entry.parent_of.clone(),
        }
    }
}

impl Directory {
    /// The entry of a layer.
    #[must_use]
    pub fn entry(&self, sidecar: &Path) -> Entry {
        Entry {
            path: self.path.clone(),
            attributes: Arc::clone(&self.attributes),
            body: Body::Dir,
            parent_of: self.parent_of.clone(),
            dmode: self.attributes.mode,
            location: Location::new(sidecar, 0),
        }
    }
}

/// A directory as it stands in the file; texts are escaped.
#[derive(Deserialize, Serialize)]
struct DirectoryJson {
    path: String,
    mode: u32,
    uid: u64,
    gid: u64,
    uname: String,
    gname: String,
    seconds: i64,
    nanoseconds: u32,
    parent_of: Option<String>,
}

impl From<Directory> for DirectoryJson {
    fn from(directory: Directory) -> Self {
        let attributes = &directory.attributes;
        Self {
            path: vis::escape(&directory.path),
            mode: attributes.mode,
            uid: attributes.uid,
            gid: attributes.gid,
            uname: vis::escape(&attributes.uname),
            gname: vis::escape(&attributes.gname),
            seconds: attributes.time.seconds,
            nanoseconds: attributes.time.nanoseconds,
            parent_of: directory.parent_of.as_deref().map(vis::escape),
        }
    }
}

impl TryFrom<DirectoryJson> for Directory {
    type Error = String;

    fn try_from(json: DirectoryJson) -> std::result::Result<Self, String> {
        let path = parse_path(&json.path)?;
        let at = |problem: String| format!("directory {}: {problem}", json.path);
        if json.mode > 0o7777 {
            return Err(at(format!("mode {} is over 4095 (07777)", json.mode)));
        }
        if json.nanoseconds > 999_999_999 {
            let nanoseconds = json.nanoseconds;
            return Err(at(format!(
                "{nanoseconds} nanoseconds are a second or more"
            )));
        }
        if json.seconds == i64::MIN {
            return Err(at("its seconds are out of range".to_owned()));
        }
        let parent_of = json.parent_of.as_deref().map(parse_path).transpose()?;
        let is_below = |child: &ImagePath| {
            let rest = child.strip_prefix(&*path);
            rest.is_some_and(|rest| rest.first() == Some(&b'/'))
        };
        if parent_of.as_ref().is_some_and(|child| !is_below(child)) {
            return Err(at("parent_of is not below it".to_owned()));
        }
        let id = |keyword, id| mtree::check_id(keyword, id).map_err(at);
        let owner = |keyword, name: &String| mtree::owner(keyword, name.as_bytes()).map_err(at);
        let attributes = Attributes {
            mode: json.mode,
            uid: id("uid", json.uid)?,
            gid: id("gid", json.gid)?,
            uname: owner("uname", &json.uname)?,
            gname: owner("gname", &json.gname)?,
            time: Time {
                seconds: json.seconds,
                nanoseconds: json.nanoseconds,
            },
        };
        Ok(Self {
            path,
            attributes: Arc::new(attributes),
            parent_of,
        })
    }
}
