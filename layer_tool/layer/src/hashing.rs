//! A writer and a reader that count and hash what goes through them.

use crate::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;

/// Hashes by SHA-256 on the way to another writer.
pub struct HashingWriter<W> {
    out: W,
    /// None if only the size is wanted.
    hasher: Option<Sha256>,
    size: u64,
}

/// The digest and size of what went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// None if only the size was wanted.
    pub digest: Option<Digest>,
    /// In bytes.
    pub size: u64,
}

impl<W: Write> HashingWriter<W> {
    /// Hashes what is written to `out` from now on.
    pub fn new(out: W) -> Self {
        Self {
            out,
            hasher: Some(Sha256::new()),
            size: 0,
        }
    }

    /// Counts what is written to `out`, and gives no digest.
    pub fn counting(out: W) -> Self {
        Self {
            out,
            hasher: None,
            size: 0,
        }
    }

    /// The writer, and what went through.
    pub fn finish(self) -> (W, Sum) {
        let sum = Sum {
            digest: self.hasher.map(Digest::of_hasher),
            size: self.size,
        };
        (self.out, sum)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&bytes[..count]);
        }
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Hashes by SHA-256 what is read through it.
pub struct HashingReader<R> {
    reader: R,
    hash: Hash,
}

impl<R: Read> HashingReader<R> {
    /// A reader, and the hash of what was read through it.
    pub fn new(reader: R) -> (Self, Hash) {
        let hash = Hash::default();
        let reader = Self {
            reader,
            hash: hash.clone(),
        };
        (reader, hash)
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let mut hash = self.hash.0.borrow_mut();
        hash.0.update(&buffer[..count]);
        hash.1 += count as u64;
        Ok(count)
    }
}

/// The hash of what a reader has read, and how many bytes. It is apart from the reader, which other
/// readers own.
#[derive(Clone, Default)]
pub struct Hash(Rc<RefCell<(Sha256, u64)>>);

impl Hash {
    /// The digest and the number of bytes.
    #[must_use]
    pub fn finish(self) -> (Digest, u64) {
        let (hasher, size) = self.0.take();
        (Digest::of_hasher(hasher), size)
    }
}
