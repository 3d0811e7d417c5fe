//! One gzip member (RFC 1952) around deflate blocks.

use super::chunk::SharedChunk;
use super::deflate::{Deflate, FINAL_BLOCK};
use std::io::{self, Write};

/// No flags, no time, no extra flags, unknown system.
pub const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// What follows the blocks: the final one, the CRC-32 and the size modulo 2^32.
#[must_use]
pub fn trailer(crc: crc32fast::Hasher, size: u64) -> [u8; 10] {
    let mut trailer = [0; 10];
    trailer[..2].copy_from_slice(&FINAL_BLOCK);
    trailer[2..6].copy_from_slice(&crc.finalize().to_le_bytes());
    trailer[6..].copy_from_slice(&size.to_le_bytes()[..4]);
    trailer
}

/// A writer that compresses into one member.
pub struct Gzip<W: Write + Send + 'static> {
    blocks: Deflate<W>,
    size: u64,
}

impl<W: Write + Send + 'static> Gzip<W> {
    /// Starts a member at `level` (0 to 12) with a pool of `threads`.
    ///
    /// # Errors
    /// `out` does not take the header, or the level is out of range.
    pub fn new(level: u32, threads: usize, mut out: W) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        Ok(Self {
            blocks: Deflate::new(level, threads, out)?,
            size: 0,
        })
    }

    /// Compresses a chunk.
    ///
    /// # Errors
    /// Those of `out`, also of earlier chunks.
    pub fn send(&mut self, chunk: SharedChunk) -> io::Result<()> {
        self.size += chunk.len() as u64;
        self.blocks.send(chunk)
    }

    /// Ends the member.
    ///
    /// # Errors
    /// As [`Gzip::send`].
    pub fn finish(self) -> io::Result<W> {
        let (mut out, blocks) = self.blocks.finish()?;
        out.write_all(&trailer(blocks.crc, self.size))?;
        Ok(out)
    }
}
