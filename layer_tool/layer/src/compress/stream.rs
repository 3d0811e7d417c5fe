//! The way of a tar: cut into chunks, hashed and compressed at once.

use super::chunk::{Background, BufferPool, Chunk, CHUNK};
use super::deflate::Blocks;
use super::Compressor;
use crate::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};
use std::sync::Arc;

/// What a buffer has room for beyond a chunk, so that who appends rarely makes it larger.
const BEYOND: usize = 128 << 10;

/// What takes a tar.
pub struct Stream<W: Write + Send + 'static> {
    /// What was not sent yet.
    chunk: Chunk,
    buffers: BufferPool,
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
    pub digest: Option<Digest>,
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
        let buffers = BufferPool::new(compressor.buffer_count(threads));
        Self {
            chunk: empty(&buffers),
            buffers,
            hasher: hash.then(|| Background::new(Sha256::new(), hasher)),
            compressor,
            size: 0,
        }
    }

    /// The end of the tar so far, to append to, and to take back what was appended since the last
    /// [`Stream::send_full`].
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.chunk
    }

    /// Sends the buffer on, but for what is no full chunk.
    ///
    /// # Errors
    /// Those of the writer, also of what was sent before.
    pub fn send_full(&mut self) -> io::Result<()> {
        while self.chunk.len() >= CHUNK {
            let mut next = empty(&self.buffers);
            next.extend_from_slice(&self.chunk[CHUNK..]);
            self.chunk.truncate(CHUNK);
            let full = std::mem::replace(&mut self.chunk, next);
            self.send(full)?;
        }
        Ok(())
    }

    fn send(&mut self, chunk: Chunk) -> io::Result<()> {
        self.size += chunk.len() as u64;
        let chunk = Arc::new(chunk);
        // First, as zstd needs a thread, and hashing does not.
        self.compressor.send(Arc::clone(&chunk))?;
        match &mut self.hasher {
            Some(hasher) => hasher.send(chunk),
            None => Ok(()),
        }
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// As [`Stream::send_full`].
    pub fn finish(mut self) -> io::Result<Written<W>> {
        self.send_full()?;
        if !self.chunk.is_empty() {
            let last = std::mem::replace(&mut self.chunk, self.buffers.take());
            self.send(last)?;
        }
        let (out, blocks) = self.compressor.finish()?;
        let hasher = self.hasher.map(Background::finish).transpose()?;
        Ok(Written {
            out,
            blocks,
            digest: hasher.map(Digest::of_hasher),
            size: self.size,
        })
    }
}

fn empty(buffers: &BufferPool) -> Chunk {
    let mut chunk = buffers.take();
    chunk.clear();
    chunk.reserve_exact(CHUNK + BEYOND);
    chunk
}
