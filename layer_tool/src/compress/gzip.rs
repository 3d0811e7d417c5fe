//! One gzip member (RFC 1952) around deflate blocks.

use super::deflate::{Blocks, Deflate, FINAL_BLOCK};
use std::io::{self, Write};

/// No flags, no time, no extra flags, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A writer that compresses into one member.
pub struct Gzip<W: Write + Send + 'static>(Deflate<W>);

impl<W: Write + Send + 'static> Gzip<W> {
    /// Starts a member at `level` (0 to 12) with a pool of `threads`.
    ///
    /// # Errors
    /// `out` does not take the header, or the system gives no threads.
    pub fn new(level: u32, threads: usize, mut out: W) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        Ok(Self(Deflate::new(level, threads, out)?))
    }

    /// Ends the member.
    ///
    /// # Errors
    /// Those of `out`, also of writes that were under way before.
    pub fn finish(self) -> io::Result<W> {
        let (mut out, Blocks { crc, size }) = self.0.finish()?;
        out.write_all(&FINAL_BLOCK)?;
        out.write_all(&crc.to_le_bytes())?;
        // The size modulo 2^32.
        out.write_all(&(size as u32).to_le_bytes())?;
        Ok(out)
    }
}

impl<W: Write + Send + 'static> Write for Gzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
