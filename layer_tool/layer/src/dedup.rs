//! Hard-link dedup: files of the same content become names of the first of them in a layer.

use crate::digest::Digest;
use crate::entry::{Attributes, Body, Entry};
use crate::error::{Error, Result};
use crate::source;
use std::collections::hash_map::{Entry as Slot, HashMap};
use std::io::{self, BufRead, BufReader};

/// In bytes. Smaller files are written again: a link saves less than it costs to tell, and
/// thousands of empty files are no links of each other.
pub const MIN_SIZE: u64 = 1024;

/// Bytes at the start of a file that tell most of them apart.
pub const START: usize = 64 << 10;

/// Names of one file; the next file of that content is written again. ext4 takes 65,000 links and
/// NTFS 1,024, and tools that copy trees by links add to what a layer has.
const MAX_NAMES: u32 = 1000;

/// Extensions of files that programs write to where they are, which would change all that are
/// linked, or that they refuse to replace then: `gunzip` says that a file "has other links". Python
/// replaces a `.pyc` by a new file, and an interpreter has many of one content.
const CHANGED_IN_PLACE: [&str; 24] = [
    "bz2",
    "cfg",
    "conf",
    "db",
    "env",
    "gz",
    "ini",
    "log",
    "lz",
    "lzma",
    "properties",
    "sqlite",
    "sqlite3",
    "taz",
    "tbz",
    "tbz2",
    "tgz",
    "tlz",
    "toml",
    "txz",
    "xz",
    "yaml",
    "yml",
    "z",
];

/// The files of a layer so far, each content once.
#[derive(Default)]
pub struct Dedup<'a> {
    /// By the attributes, the size and a checksum of the start.
    alike: HashMap<(&'a Attributes, u64, u32), Candidates<'a>>,
}

/// Files that may be the same. Most are, or have no other file beside them, so a digest is taken
/// only where it spares comparing each with each.
enum Candidates<'a> {
    /// All have one content.
    Same(Original<'a>),
    /// By the SHA-256 of their content.
    Different(HashMap<Digest, Original<'a>>),
}

/// A file that is written, and how many names it has.
#[derive(Clone, Copy)]
struct Original<'a> {
    entry: &'a Entry,
    names: u32,
}

impl<'a> Original<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self { entry, names: 1 }
    }

    /// What an entry of the same content is a link to; None if it is the next first.
    fn name(&mut self, entry: &'a Entry) -> Option<&'a Entry> {
        if self.names == MAX_NAMES {
            *self = Self::new(entry);
            return None;
        }
        self.names += 1;
        Some(self.entry)
    }
}

impl<'a> Dedup<'a> {
    /// The earlier entry with the content and the attributes of this one, of which the size
    /// and the first [`START`] bytes are given. If there is none this is a first one.
    ///
    /// # Errors
    /// Those of reading the two files.
    pub fn find(&mut self, entry: &'a Entry, size: u64, start: &[u8]) -> Result<Option<&'a Entry>> {
        if size < MIN_SIZE || is_changed_in_place(entry) {
            return Ok(None);
        }
        let key = (&*entry.attributes, size, crc32fast::hash(start));
        let alike = match self.alike.entry(key) {
            Slot::Occupied(alike) => alike.into_mut(),
            Slot::Vacant(alike) => {
                alike.insert(Candidates::Same(Original::new(entry)));
                return Ok(None);
            }
        };
        match alike {
            Candidates::Same(first) if same_content(first.entry, entry)? => Ok(first.name(entry)),
            Candidates::Same(first) => {
                let first = *first;
                *alike = Candidates::Different(HashMap::from([
                    (digest(first.entry)?, first),
                    (digest(entry)?, Original::new(entry)),
                ]));
                Ok(None)
            }
            Candidates::Different(originals) => match originals.entry(digest(entry)?) {
                Slot::Occupied(mut first) => Ok(first.get_mut().name(entry)),
                Slot::Vacant(first) => {
                    first.insert(Original::new(entry));
                    Ok(None)
                }
            },
        }
    }
}

/// Whether a program is likely to write to the file where it is, for all that is known of it.
fn is_changed_in_place(entry: &Entry) -> bool {
    const OTHERS_WRITE: u32 = 0o022;
    entry.attributes.mode & OTHERS_WRITE != 0
        || entry.path.extension().is_some_and(|extension| {
            let is = |other: &&str| other.as_bytes().eq_ignore_ascii_case(extension);
            CHANGED_IN_PLACE.iter().any(is)
        })
}

fn digest(entry: &Entry) -> Result<Digest> {
    match Content::open(entry)? {
        Some(content) => Digest::of_reader(content.reader).map_err(|error| unread(entry, &error)),
        None => Ok(Digest::of(b"")),
    }
}

/// Whether two entries are files with the same bytes.
///
/// # Errors
/// Those of reading them.
pub fn same_content(first: &Entry, second: &Entry) -> Result<bool> {
    let (Some(mut first), Some(mut second)) = (Content::open(first)?, Content::open(second)?)
    else {
        return Ok(false);
    };
    if first.size != second.size {
        return Ok(false);
    }
    loop {
        let (a, b) = (first.next()?, second.next()?);
        let count = a.len().min(b.len());
        if a[..count] != b[..count] {
            return Ok(false);
        }
        if count == 0 {
            return Ok(a.len() == b.len());
        }
        first.consume(count);
        second.consume(count);
    }
}

struct Content<'a> {
    entry: &'a Entry,
    size: u64,
    reader: Box<dyn BufRead>,
}

impl<'a> Content<'a> {
    /// None for what is no file.
    fn open(entry: &'a Entry) -> Result<Option<Self>> {
        let Body::File { source, size } = &entry.body else {
            return Ok(None);
        };
        Ok(Some(match source {
            Some(source) => {
                let (file, size) = source::open(entry, source, *size)?;
                Self {
                    entry,
                    size,
                    reader: Box::new(BufReader::with_capacity(START, file)),
                }
            }
            None => Self {
                entry,
                size: 0,
                reader: Box::new(std::io::empty()),
            },
        }))
    }

    fn next(&mut self) -> Result<&[u8]> {
        let entry = self.entry;
        self.reader
            .fill_buf()
            .map_err(|error| unread(entry, &error))
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
    }
}

fn unread(entry: &Entry, error: &io::Error) -> Error {
    Error::Manifest {
        location: entry.location.clone(),
        problem: format!("cannot read its content: {error}"),
    }
}
