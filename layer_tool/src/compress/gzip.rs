//! One gzip member (RFC 1952) from chunks that are compressed at once.
//!
//! The stream is cut into chunks of a fixed size. Each becomes deflate blocks (RFC 1951)
//! without history across chunks, ended by a sync flush, so that the next one starts at a
//! byte. A final empty block ends the member. The bytes depend on the chunks' size and the
//! level, never on the number of threads.

use flate2::{Compress, Crc, FlushCompress};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::mpsc::{sync_channel, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

const CHUNK: usize = 1 << 20;

/// Deflate never grows a chunk by more than this; zlib-rs gives other bytes when a buffer
/// is smaller than its bound.
const OUTPUT: usize = CHUNK + CHUNK / 8 + 1024;

/// No flags, no time, no extra flags, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty block with the final bit, of fixed codes.
const FINAL_BLOCK: [u8; 2] = [0x03, 0x00];

struct Chunk {
    index: usize,
    bytes: Vec<u8>,
}

struct Compressed {
    index: usize,
    result: io::Result<Vec<u8>>,
}

/// A writer that compresses in a pool of threads.
pub struct Gzip<W: Write + Send + 'static> {
    chunk: Vec<u8>,
    index: usize,
    crc: Crc,
    /// None once the last chunk is sent.
    chunks: Option<SyncSender<Chunk>>,
    /// Chunks that were compressed, to be filled again: page faults cost more than copies.
    spare: Receiver<Vec<u8>>,
    workers: Vec<JoinHandle<()>>,
    /// None once it was asked how it ended.
    writer: Option<JoinHandle<io::Result<W>>>,
}

impl<W: Write + Send + 'static> Gzip<W> {
    /// Starts a member at `level` (0 to 9) with a pool of `threads`.
    ///
    /// # Errors
    /// `out` does not take the header, or the system gives no threads.
    pub fn new(level: u32, threads: usize, mut out: W) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        let threads = threads.max(1);
        // What is on its way is bounded, and so is memory.
        let (chunks, next_chunk) = sync_channel::<Chunk>(threads);
        let (done, compressed) = sync_channel::<Compressed>(threads);
        let (give_back, spare) = sync_channel::<Vec<u8>>(2 * threads + 2);

        let next_chunk = Arc::new(Mutex::new(next_chunk));
        let workers = (0..threads)
            .map(|_| {
                let (next_chunk, done, give_back) =
                    (Arc::clone(&next_chunk), done.clone(), give_back.clone());
                thread::Builder::new().spawn(move || work(level, &next_chunk, &done, &give_back))
            })
            .collect::<io::Result<Vec<_>>>()?;
        let writer = thread::Builder::new().spawn(move || write_in_order(&compressed, out))?;
        Ok(Self {
            chunk: Vec::with_capacity(CHUNK),
            index: 0,
            crc: Crc::new(),
            chunks: Some(chunks),
            spare,
            workers,
            writer: Some(writer),
        })
    }

    fn send(&mut self) -> io::Result<()> {
        let mut next = self
            .spare
            .try_recv()
            .unwrap_or_else(|_| Vec::with_capacity(CHUNK));
        next.clear();
        let bytes = std::mem::replace(&mut self.chunk, next);
        self.crc.update(&bytes);
        let chunk = Chunk {
            index: self.index,
            bytes,
        };
        self.index += 1;
        match &self.chunks {
            Some(chunks) if chunks.send(chunk).is_ok() => Ok(()),
            // The writer has stopped, and knows why.
            _ => self.join().and(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Waits for all threads.
    fn join(&mut self) -> io::Result<W> {
        self.chunks = None;
        for worker in self.workers.drain(..) {
            worker.join().map_err(|_| panicked())?;
        }
        match self.writer.take() {
            Some(writer) => writer.join().map_err(|_| panicked())?,
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Ends the member.
    ///
    /// # Errors
    /// Those of `out`, also of writes that were under way before.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.chunk.is_empty() {
            self.send()?;
        }
        let mut out = self.join()?;
        out.write_all(&FINAL_BLOCK)?;
        out.write_all(&self.crc.sum().to_le_bytes())?;
        out.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(out)
    }
}

impl<W: Write + Send + 'static> Drop for Gzip<W> {
    /// Waits, so that an output that is given up is gone before the program is.
    fn drop(&mut self) {
        let _ = self.join();
    }
}

impl<W: Write + Send + 'static> Write for Gzip<W> {
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

fn work(
    level: u32,
    next_chunk: &Mutex<Receiver<Chunk>>,
    done: &SyncSender<Compressed>,
    give_back: &SyncSender<Vec<u8>>,
) {
    let mut deflate = Compress::new(flate2::Compression::new(level), false);
    loop {
        let next = next_chunk
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(chunk) = next else {
            return;
        };
        let mut output = Vec::with_capacity(OUTPUT);
        deflate.reset();
        let result = deflate
            .compress_vec(&chunk.bytes, &mut output, FlushCompress::Sync)
            .map_err(io::Error::other)
            .and_then(|_| {
                if deflate.total_in() == chunk.bytes.len() as u64 {
                    Ok(output)
                } else {
                    Err(io::Error::other("deflate left input"))
                }
            });
        let index = chunk.index;
        // A full box of spares only means that this one is freed.
        let _ = give_back.try_send(chunk.bytes);
        if done.send(Compressed { index, result }).is_err() {
            return;
        }
    }
}

fn write_in_order<W: Write>(compressed: &Receiver<Compressed>, mut out: W) -> io::Result<W> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for Compressed { index, result } in compressed {
        early.insert(index, result?);
        while let Some(bytes) = early.remove(&next) {
            out.write_all(&bytes)?;
            next += 1;
        }
    }
    Ok(out)
}
