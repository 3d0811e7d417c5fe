//! The way of a tar: cut into chunks, hashed and compressed at once.

use super::chunk::{Background, Buffers, Chunk, CHUNK};
use super::deflate::Blocks;
use super::Compressor;
use crate::hashing::digest;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};
use std::sync::Arc;

/// A writer that takes a tar.
pub struct Stream<W: Write + Send + 'static> {
    /// The chunk that is being filled.
    chunk: Chunk,
    buffers: Buffers,
    /// None if no digest is wanted.
    hasher: Option<Background<Sha256>>,
    compressor: Compressor<W>,
    size: u64,
}

/// What is known of a tar that went through.
pub struct Written<W> {
    /// Where it was compressed into.
    pub out: W,
    /// What is known of a part's blocks.
    pub blocks: Blocks,
    /// Digest of the tar, if it was wanted.
    pub digest: Option<String>,
    /// Bytes of the tar.
    pub size: u64,
}

impl<W: Write + Send + 'static> Stream<W> {
    /// Starts a stream into `compressor`, of so many threads, and says whether to hash it.
    #[must_use]
    pub fn new(compressor: Compressor<W>, threads: usize, hash: bool) -> Self {
        let hasher = |hasher: &mut Sha256, chunk: &[u8]| {
            hasher.update(chunk);
            Ok(())
        };
        let buffers = Buffers::new(compressor.buffers(threads));
        Self {
            chunk: buffers.take(),
            buffers,
            hasher: hash.then(|| Background::new(Sha256::new(), hasher)),
            compressor,
            size: 0,
        }
    }

    fn send(&mut self, chunk: Chunk) -> io::Result<()> {
        let chunk = Arc::new(chunk);
        if let Some(hasher) = &mut self.hasher {
            hasher.send(Arc::clone(&chunk))?;
        }
        self.compressor.send(chunk)
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// Those of the writer, also of what was written before.
    pub fn finish(mut self) -> io::Result<Written<W>> {
        if !self.chunk.is_empty() {
            let last = std::mem::replace(&mut self.chunk, self.buffers.take());
            self.send(last)?;
        }
        let (out, blocks) = self.compressor.finish()?;
        let hasher = self.hasher.map(Background::finish).transpose()?;
        Ok(Written {
            out,
            blocks,
            digest: hasher.map(digest),
            size: self.size,
        })
    }
}

impl<W: Write + Send + 'static> Write for Stream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = CHUNK - self.chunk.len();
        let count = bytes.len().min(left);
        self.chunk.reserve_exact(left);
        self.chunk.extend_from_slice(&bytes[..count]);
        self.size += count as u64;
        if count == left {
            let full = std::mem::replace(&mut self.chunk, self.buffers.take());
            self.send(full)?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
