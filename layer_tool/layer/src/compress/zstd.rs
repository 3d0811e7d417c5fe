//! One zstd frame (RFC 8878), by zstd's own threads.

use std::io::{self, Write};
use zstd::stream::{raw::Encoder, zio};
use zstd::zstd_safe::{version_string, CParameter};

/// zstd's default level.
pub const DEFAULT_LEVEL: u32 = 3;

/// Size of the jobs that a frame is made of: fixed, as bytes depend on it.
const JOB: u32 = 4 << 20;

/// The tables of the default level, each half as large as zstd has it: they stay in a core's own
/// cache, which makes up for one or two percent of size.
const TABLES: [CParameter; 2] = [CParameter::HashLog(16), CParameter::ChainLog(15)];

/// Another with whatever else than zstd changes the frame: [`JOB`], [`TABLES`]. It is that of
/// layers whose bytes are known, in tests/cli/pinned.rs.
const RECIPE: &str = "f457a9fc";

/// The library that compresses, its version, and how it is used.
#[must_use]
pub fn compressor() -> String {
    format!("zstd {}, recipe {RECIPE}", version_string())
}

/// A frame that is being written.
pub struct Frame<W: Write> {
    writer: zio::Writer<W, Encoder<'static>>,
    level: u32,
    /// Threads to start with the first bytes; None once they are.
    workers: Option<u32>,
}

impl<W: Write> Frame<W> {
    /// Starts a frame at `level` (1 to 22) with up to so many threads, which the bytes do not
    /// depend on.
    ///
    /// # Errors
    /// The compressor does not start.
    pub fn new(level: u32, threads: usize, out: W) -> io::Result<Self> {
        let workers = u32::try_from(threads.max(1)).map_err(io::Error::other)?;
        Ok(Self {
            writer: zio::Writer::new(out, encoder(level, workers)?),
            level,
            workers: Some(workers),
        })
    }

    /// Compresses a chunk.
    ///
    /// # Errors
    /// Those of the writer; the system starts no thread.
    pub fn write(&mut self, mut chunk: &[u8]) -> io::Result<()> {
        while let Some(workers) = self.workers {
            // A call that fails to start them has written nothing.
            match self.writer.write(chunk) {
                Ok(count) => {
                    chunk = &chunk[count..];
                    self.workers = None;
                }
                Err(_) if workers > 1 => {
                    *self.writer.operation_mut() = encoder(self.level, workers / 2)?;
                    self.workers = Some(workers / 2);
                }
                Err(error) => {
                    return Err(io::Error::other(format!(
                        "zstd cannot start a thread ({error}); allow more processes or memory, \
                         or use gzip"
                    )));
                }
            }
        }
        self.writer.write_all(chunk)
    }

    /// Ends the frame.
    ///
    /// # Errors
    /// As [`Frame::write`].
    pub fn finish(mut self) -> io::Result<W> {
        self.writer.finish()?;
        Ok(self.writer.into_inner().0)
    }
}

fn encoder(level: u32, workers: u32) -> io::Result<Encoder<'static>> {
    let tables = if level == DEFAULT_LEVEL {
        &TABLES[..]
    } else {
        &[]
    };
    let mut encoder = Encoder::new(i32::try_from(level).map_err(io::Error::other)?)?;
    for table in tables {
        encoder.set_parameter(*table)?;
    }
    // Never its single-threaded mode, which gives other bytes.
    encoder.set_parameter(CParameter::NbWorkers(workers))?;
    encoder.set_parameter(CParameter::JobSize(JOB))?;
    Ok(encoder)
}
