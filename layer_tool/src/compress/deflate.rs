//! Deflate blocks (RFC 1951) from chunks that are compressed at once.
//!
//! The stream is cut into chunks of a fixed size. Each becomes blocks without history
//! across chunks, ended as by a sync flush, so that the next one starts at a byte. The
//! bytes depend on the chunks' size and the level, never on the number of threads.

use super::unfinish::unfinish;
use libdeflater::{CompressionLvl, Compressor};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::mpsc::{channel, sync_channel, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

const CHUNK: usize = 1 << 20;

/// An empty block with the final bit, of fixed codes.
pub const FINAL_BLOCK: [u8; 2] = [0x03, 0x00];

/// What is known of blocks once they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// CRC-32 of what was compressed (RFC 1952, section 8).
    pub crc: u32,
    /// Bytes that were compressed.
    pub size: u64,
}

struct Chunk {
    index: usize,
    bytes: Vec<u8>,
}

struct Compressed {
    index: usize,
    size: usize,
    /// The blocks and the CRC-32 of what is in them.
    result: io::Result<(Vec<u8>, crc32fast::Hasher)>,
}

/// A writer that compresses in a pool of threads.
///
/// Buffers go round, as page faults cost more than copies: a full one to a worker, and
/// back when it is empty. There is a fixed number of them, and so memory is bounded.
pub struct Deflate<W: Write + Send + 'static> {
    chunk: Vec<u8>,
    index: usize,
    /// None once the last chunk is sent.
    chunks: Option<SyncSender<Chunk>>,
    empty: Receiver<Vec<u8>>,
    workers: Vec<JoinHandle<()>>,
    /// None once it was asked how it ended.
    writer: Option<JoinHandle<io::Result<(W, Blocks)>>>,
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
        let (chunks, next_chunk) = sync_channel(threads);
        let (give_back, empty) = channel();
        let (give_back_output, empty_output) = channel();
        let (done, compressed) = channel();
        // What workers hold, what waits for them, and what is being filled or written.
        for _ in 0..2 * threads {
            let _ = give_back.send(Vec::with_capacity(CHUNK));
        }
        for _ in 0..threads + 2 {
            let _ = give_back_output.send(Vec::new());
        }

        let source = Arc::new(Mutex::new(Source {
            empty: empty_output,
            chunks: next_chunk,
        }));
        let workers = (0..threads)
            .map(|_| {
                let (source, done, give_back) =
                    (Arc::clone(&source), done.clone(), give_back.clone());
                thread::Builder::new().spawn(move || work(level, &source, &done, &give_back))
            })
            .collect::<io::Result<Vec<_>>>()?;
        let writer = thread::Builder::new()
            .spawn(move || write_in_order(&compressed, &give_back_output, out))?;
        Ok(Self {
            chunk: Vec::with_capacity(CHUNK),
            index: 0,
            chunks: Some(chunks),
            empty,
            workers,
            writer: Some(writer),
        })
    }

    fn send(&mut self) -> io::Result<()> {
        let chunk = Chunk {
            index: self.index,
            bytes: std::mem::take(&mut self.chunk),
        };
        self.index += 1;
        let sent = match &self.chunks {
            Some(chunks) => chunks.send(chunk).is_ok(),
            None => false,
        };
        match self.empty.recv() {
            Ok(empty) if sent => {
                self.chunk = empty;
                Ok(())
            }
            // The writer has stopped, and knows why.
            _ => self.join().and(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Waits for all threads.
    fn join(&mut self) -> io::Result<(W, Blocks)> {
        self.chunks = None;
        for worker in self.workers.drain(..) {
            worker.join().map_err(|_| panicked())?;
        }
        match self.writer.take() {
            Some(writer) => writer.join().map_err(|_| panicked())?,
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Ends the blocks at a byte; none has the final bit.
    ///
    /// # Errors
    /// Those of `out`, also of writes that were under way before.
    pub fn finish(mut self) -> io::Result<(W, Blocks)> {
        if !self.chunk.is_empty() {
            self.send()?;
        }
        self.join()
    }
}

impl<W: Write + Send + 'static> Drop for Deflate<W> {
    /// Waits, so that an output that is given up is gone before the program is.
    fn drop(&mut self) {
        let _ = self.join();
    }
}

impl<W: Write + Send + 'static> Write for Deflate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..count]);
        if self.chunk.len() == CHUNK {
            self.send()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn panicked() -> io::Error {
    io::Error::other("a thread panicked")
}

/// What workers take from, in turns.
struct Source {
    empty: Receiver<Vec<u8>>,
    chunks: Receiver<Chunk>,
}

impl Source {
    /// The buffer for the output first: who has the next chunk can always finish it, and
    /// so no later ones can hold all buffers and wait for it.
    fn next(&self) -> Option<(Vec<u8>, Chunk)> {
        let output = self.empty.recv().ok()?;
        Some((output, self.chunks.recv().ok()?))
    }
}

fn work(
    level: CompressionLvl,
    source: &Mutex<Source>,
    done: &Sender<Compressed>,
    give_back: &Sender<Vec<u8>>,
) {
    let mut compressor = Compressor::new(level);
    loop {
        let next = source.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((mut output, Chunk { index, mut bytes })) = next else {
            return;
        };
        let result = compress(&mut compressor, &bytes, &mut output).map(|crc| (output, crc));
        let size = bytes.len();
        bytes.clear();
        // Nobody waits for it after the last chunk.
        let _ = give_back.send(bytes);
        if done
            .send(Compressed {
                index,
                size,
                result,
            })
            .is_err()
        {
            return;
        }
    }
}

fn compress(
    compressor: &mut Compressor,
    bytes: &[u8],
    output: &mut Vec<u8>,
) -> io::Result<crc32fast::Hasher> {
    output.resize(compressor.deflate_compress_bound(bytes.len()), 0);
    let size = compressor
        .deflate_compress(bytes, output)
        .map_err(|_| io::Error::other("libdeflate gave more than its bound"))?;
    output.truncate(size);
    unfinish(output)?;
    let mut crc = crc32fast::Hasher::new();
    crc.update(bytes);
    Ok(crc)
}

fn write_in_order<W: Write>(
    compressed: &Receiver<Compressed>,
    give_back: &Sender<Vec<u8>>,
    mut out: W,
) -> io::Result<(W, Blocks)> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    let mut crc = crc32fast::Hasher::new();
    let mut amount = 0;
    for Compressed {
        index,
        size,
        result,
    } in compressed
    {
        early.insert(index, result?);
        amount += size as u64;
        while let Some((mut blocks, chunk_crc)) = early.remove(&next) {
            out.write_all(&blocks)?;
            crc.combine(&chunk_crc);
            next += 1;
            blocks.clear();
            // Nobody waits for it after the last chunk.
            let _ = give_back.send(blocks);
        }
    }
    Ok((
        out,
        Blocks {
            crc: crc.finalize(),
            size: amount,
        },
    ))
}
