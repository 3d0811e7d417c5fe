//! Writes entries and their content as a tar.

use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::tar;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

const READ: usize = 256 << 10;

/// A tar on its way to a writer.
pub struct Archive<'a, W> {
    out: W,
    /// Where it goes, for messages.
    path: &'a Path,
    buffer: Vec<u8>,
}

impl<'a, W: Write> Archive<'a, W> {
    /// Starts a tar into `out`, which ends up at `path`.
    pub fn new(out: W, path: &'a Path) -> Self {
        Self {
            out,
            path,
            buffer: vec![0; READ],
        }
    }

    /// Writes an entry and its content.
    ///
    /// # Errors
    /// The source cannot be read, or has changed; the output fails.
    pub fn entry(&mut self, entry: &Entry) -> Result<()> {
        let mut header = Vec::with_capacity(1536);
        tar::encode_header(entry, &mut header);
        self.write(&header)?;
        if let Body::File {
            source: Some(source),
            size,
        } = &entry.body
        {
            self.content(entry, source, *size)?;
            self.write(&tar::END[..tar::padding(*size)])?;
        }
        Ok(())
    }

    /// Writes the blocks that end an archive.
    ///
    /// # Errors
    /// The output fails.
    pub fn end(&mut self) -> Result<()> {
        self.write(&tar::END)
    }

    /// The writer that all went to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out
            .write_all(bytes)
            .map_err(Error::io("write", self.path))
    }

    /// Copies exactly the bytes that the header promised.
    fn content(&mut self, entry: &Entry, source: &Path, size: u64) -> Result<()> {
        let error = |problem: String| Error::Manifest {
            place: entry.place.clone(),
            problem: format!("{}: {problem}", source.display()),
        };
        let mut file =
            File::open(source).map_err(|cause| error(format!("cannot read: {cause}")))?;
        let mut left = size;
        loop {
            let count = match file.read(&mut self.buffer) {
                Ok(count) => count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(error(format!("cannot read: {cause}"))),
            };
            let changed = |how| {
                error(format!(
                    "the file {how} while it was read ({size} bytes at first); build again when nothing writes it"
                ))
            };
            if count == 0 {
                return if left == 0 {
                    Ok(())
                } else {
                    Err(changed("shrank"))
                };
            }
            left = left
                .checked_sub(count as u64)
                .ok_or_else(|| changed("grew"))?;
            self.out
                .write_all(&self.buffer[..count])
                .map_err(Error::io("write", self.path))?;
        }
    }
}
