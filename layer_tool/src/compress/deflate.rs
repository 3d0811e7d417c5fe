//! Deflate blocks (RFC 1951) from chunks that are compressed at once.
//!
//! The stream is cut into chunks of a fixed size. Each becomes blocks without history
//! across chunks, ended as by a sync flush, so that the next one starts at a byte. The
//! bytes depend on the chunks' size and the level, never on the number of threads.

use super::pool::{Pool, Sink};
use super::unfinish::unfinish;
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use std::io::{self, Write};

/// Bytes of a chunk, before it is compressed: within what a CPU caches.
pub const CHUNK: usize = 1 << 20;

/// An empty block with the final bit, of fixed codes.
pub const FINAL_BLOCK: [u8; 2] = [0x03, 0x00];

/// What is known of blocks once they are written.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// CRC-32 of what was compressed (RFC 1952, section 8), and how much that was.
    pub crc: crc32fast::Hasher,
    /// Compressed bytes of each chunk.
    pub chunks: Vec<u64>,
}

/// A writer that compresses in a pool of threads.
pub struct Deflate<W: Write + Send + 'static>(Pool<Writer<W>>);

struct Writer<W> {
    out: W,
    blocks: Blocks,
}

impl<W: Write + Send + 'static> Sink for Writer<W> {
    type Note = crc32fast::Hasher;

    fn take(&mut self, output: &[u8], crc: Self::Note) -> io::Result<()> {
        self.out.write_all(output)?;
        self.blocks.crc.combine(&crc);
        self.blocks.chunks.push(output.len() as u64);
        Ok(())
    }
}

impl<W: Write + Send + 'static> Deflate<W> {
    /// Starts to compress at `level` (0 to 12) with a pool of `threads` into `out`.
    ///
    /// # Errors
    /// The level is out of range, or the system gives no threads.
    pub fn new(level: u32, threads: usize, out: W) -> io::Result<Self> {
        let level = i32::try_from(level)
            .ok()
            .and_then(|level| CompressionLvl::new(level).ok())
            .ok_or(io::ErrorKind::InvalidInput)?;
        let worker = || {
            let mut compressor = Compressor::new(level);
            move |chunk: &[u8], output: &mut Vec<u8>| compress(&mut compressor, chunk, output)
        };
        let blocks = Blocks::default();
        Ok(Self(Pool::new(threads, worker, Writer { out, blocks })?))
    }

    /// Ends the blocks at a byte; none has the final bit.
    ///
    /// # Errors
    /// Those of `out`, also of writes that were under way before.
    pub fn finish(mut self) -> io::Result<(W, Blocks)> {
        if !self.0.chunk.is_empty() {
            self.0.send()?;
        }
        let Writer { out, blocks } = self.0.finish()?;
        Ok((out, blocks))
    }
}

impl<W: Write + Send + 'static> Write for Deflate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let chunk = &mut self.0.chunk;
        chunk.reserve_exact(CHUNK - chunk.len());
        let count = bytes.len().min(CHUNK - chunk.len());
        chunk.extend_from_slice(&bytes[..count]);
        if chunk.len() == CHUNK {
            self.0.send()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn compress(
    compressor: &mut Compressor,
    chunk: &[u8],
    output: &mut Vec<u8>,
) -> io::Result<crc32fast::Hasher> {
    output.resize(compressor.deflate_compress_bound(chunk.len()), 0);
    let size = compressor
        .deflate_compress(chunk, output)
        .map_err(|_| io::Error::other("libdeflate gave more than its bound"))?;
    output.truncate(size);
    unfinish(output)?;
    let mut crc = crc32fast::Hasher::new();
    crc.update(chunk);
    Ok(crc)
}

/// A function that gives a chunk's bytes back, and their CRC-32.
pub fn inflater() -> impl FnMut(&[u8], &mut Vec<u8>) -> io::Result<crc32fast::Hasher> {
    let mut decompressor = Decompressor::new();
    let mut stream = Vec::new();
    move |blocks, output| {
        stream.clear();
        stream.extend_from_slice(blocks);
        stream.extend_from_slice(&FINAL_BLOCK);
        output.resize(CHUNK, 0);
        let size = decompressor
            .deflate_decompress(&stream, output)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        output.truncate(size);
        let mut crc = crc32fast::Hasher::new();
        crc.update(output);
        Ok(crc)
    }
}
