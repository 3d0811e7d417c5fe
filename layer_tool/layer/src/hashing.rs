//! A writer that counts and hashes what goes through it.

use crate::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// Hashes by SHA-256 on the way to another writer.
pub struct Hashing<W> {
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

impl<W: Write> Hashing<W> {
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

impl<W: Write> Write for Hashing<W> {
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
