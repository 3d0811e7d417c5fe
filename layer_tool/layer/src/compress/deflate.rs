//! Deflate blocks (RFC 1951) from chunks that are compressed at once.
//!
//! The stream is cut into chunks of a fixed size. Each becomes blocks without history
//! across chunks, ended as by a sync flush, so that the next one starts at a byte. The
//! bytes depend on the chunks' size and the level, never on the number of threads.

use super::chunk::{SharedChunk, CHUNK};
use super::pool::{Sink, WorkerPool};
use super::sync_flush::sync_flush;
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use std::io::{self, Write};

/// An empty block with the final bit, of fixed codes.
pub const FINAL_BLOCK: [u8; 2] = [0x03, 0x00];

/// Another with whatever else than libdeflate changes the blocks: the size of chunks, how they are
/// joined. It is that of layers whose bytes are known, in tests/cli/pinned.rs.
const RECIPE: &str = "b708e768";

/// The library that compresses, its version, and how it is used.
#[must_use]
pub fn compressor() -> String {
    format!("libdeflate {}, recipe {RECIPE}", env!("LIBDEFLATE"))
}

/// What is known of blocks once they are written.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// CRC-32 of what was compressed (RFC 1952, section 8), and how much that was.
    pub crc: crc32fast::Hasher,
    /// Compressed bytes of each chunk.
    pub chunks: Vec<u64>,
}

/// A writer that compresses in a pool of threads.
pub struct Deflate<W: Write + Send + 'static>(WorkerPool<Writer<W>>);

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
    /// The level is out of range.
    pub fn new(level: u32, threads: usize, out: W) -> io::Result<Self> {
        let level = compression_level(level)?;
        let worker = move || chunk_compressor(level);
        let blocks = Blocks::default();
        Ok(Self(WorkerPool::new(
            threads,
            worker,
            Writer { out, blocks },
        )))
    }

    /// Compresses a chunk.
    ///
    /// # Errors
    /// Those of `out`, also of earlier chunks.
    pub fn send(&mut self, chunk: SharedChunk) -> io::Result<()> {
        self.0.send(chunk)
    }

    /// Ends the blocks at a byte; none has the final bit.
    ///
    /// # Errors
    /// As [`Deflate::send`].
    pub fn finish(self) -> io::Result<(W, Blocks)> {
        let Writer { out, blocks } = self.0.finish()?;
        Ok((out, blocks))
    }
}

fn compression_level(level: u32) -> io::Result<CompressionLvl> {
    i32::try_from(level)
        .ok()
        .and_then(|level| CompressionLvl::new(level).ok())
        .ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// Bytes of the two halves of a chunk, which are streams of their own: to find the ends of two at
/// once takes little longer than that of one.
const HALF: usize = CHUNK / 2;

/// A function that compresses a chunk, and gives its CRC-32.
fn chunk_compressor(
    level: CompressionLvl,
) -> impl FnMut(&[u8], &mut Vec<u8>) -> io::Result<crc32fast::Hasher> {
    let mut compressor = Compressor::new(level);
    let (mut room, mut second) = (Vec::new(), Vec::new());
    move |chunk, output| {
        let mut compress = |bytes: &[u8], stream: &mut Vec<u8>| {
            room.resize(compressor.deflate_compress_bound(bytes.len()), 0);
            let size = compressor
                .deflate_compress(bytes, &mut room)
                .map_err(|_| io::Error::other("libdeflate gave more than its bound"))?;
            stream.clear();
            stream.extend_from_slice(&room[..size]);
            io::Result::Ok(())
        };
        if chunk.len() < CHUNK {
            compress(chunk, output)?;
            sync_flush([output])?;
        } else {
            compress(&chunk[..HALF], output)?;
            compress(&chunk[HALF..], &mut second)?;
            sync_flush([output, &mut second])?;
            output.extend_from_slice(&second);
        }
        let mut crc = crc32fast::Hasher::new();
        crc.update(chunk);
        Ok(crc)
    }
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
