//! Files of the same content: they become names of the first of them in a layer.

use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::source;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};

/// In bytes. Smaller files are written again: a link saves less than it costs to tell, and thousands
/// of empty files are no links of each other.
pub const MIN_SIZE: u64 = 1024;

/// Bytes at the start of a file that tell most of them apart.
pub const START: usize = 64 << 10;

/// The files of a layer so far, each content once.
#[derive(Default)]
pub struct Firsts<'a> {
    /// By the size and a checksum of the start.
    entries: HashMap<(u64, u32), Vec<&'a Entry>>,
}

impl<'a> Firsts<'a> {
    /// The earlier entry with the content and the attributes of this one, of which the size
    /// and the first [`START`] bytes are given. If there is none this is a first one.
    ///
    /// # Errors
    /// Those of reading the two files.
    pub fn find(&mut self, entry: &'a Entry, size: u64, start: &[u8]) -> Result<Option<&'a Entry>> {
        if size < MIN_SIZE {
            return Ok(None);
        }
        let known = self
            .entries
            .entry((size, crc32fast::hash(start)))
            .or_default();
        for &first in known.iter() {
            if first.attributes == entry.attributes && same_content(first, entry)? {
                return Ok(Some(first));
            }
        }
        known.push(entry);
        Ok(None)
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
        if a[..count] != b[..count] || (count == 0 && a.len() != b.len()) {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
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
        self.reader.fill_buf().map_err(|error| Error::Manifest {
            place: entry.place.clone(),
            problem: format!("cannot read its content: {error}"),
        })
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
    }
}
