//! Work on chunks in a pool of threads, its results taken in order.

use super::chunk::{join, Buffers, Chunk, Shared};
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{channel, sync_channel, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};

/// Chunks for which a thread is started: fewer are not worth one more.
const SHARE: usize = 2;

/// What takes the results, in the order of the chunks, in a thread of its own.
pub trait Sink: Send + 'static {
    /// What a worker tells of a chunk beside its output.
    type Note: Send + 'static;

    /// Takes the output of the next chunk.
    ///
    /// # Errors
    /// Those that end the work.
    fn take(&mut self, output: &[u8], note: Self::Note) -> io::Result<()>;
}

/// A pool that works on chunks for a sink.
pub struct Pool<S: Sink> {
    index: usize,
    threads: usize,
    /// Starts a worker.
    start: Start,
    workers: Vec<JoinHandle<io::Result<()>>>,
    /// None once the last chunk is sent.
    chunks: Option<SyncSender<(usize, Shared)>>,
    /// None once it was asked how it ended.
    sink: Option<JoinHandle<io::Result<S>>>,
}

/// Chunks for so many threads: what workers hold, what waits for them, and what is being
/// filled.
#[must_use]
pub fn buffers(threads: usize) -> usize {
    2 * threads + 2
}

type Start = Box<dyn Fn() -> io::Result<JoinHandle<io::Result<()>>> + Send>;

struct Done<N> {
    index: usize,
    result: io::Result<(Chunk, N)>,
}

impl<S: Sink> Pool<S> {
    /// Will start up to `threads` workers, each with a function of its own that turns a chunk
    /// into an output, beside the thread of the sink.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new<F>(
        threads: usize,
        worker: impl Fn() -> F + Send + 'static,
        sink: S,
    ) -> io::Result<Self>
    where
        F: FnMut(&[u8], &mut Vec<u8>) -> io::Result<S::Note> + Send + 'static,
    {
        let (chunks, next) = sync_channel(threads);
        let (done, results) = channel();
        let outputs = Buffers::new(threads + 2);
        let source = Arc::new(Mutex::new(Source {
            outputs,
            chunks: next,
        }));
        // Only workers hold the source: with the last of them, all that waits is gone.
        let weak = Arc::downgrade(&source);
        let first = Mutex::new(Some(source));
        let start = move || {
            let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let source = first
                .or_else(|| Weak::upgrade(&weak))
                .ok_or(io::ErrorKind::BrokenPipe)?;
            let (work, done) = (worker(), done.clone());
            thread::Builder::new().spawn(move || work_all(work, &source, &done))
        };
        let sink = thread::Builder::new().spawn(move || take_in_order(&results, sink))?;
        Ok(Self {
            index: 0,
            threads,
            start: Box::new(start),
            workers: Vec::new(),
            chunks: Some(chunks),
            sink: Some(sink),
        })
    }

    /// Gives a chunk to the pool.
    ///
    /// # Errors
    /// The work has ended by an error: that one.
    pub fn send(&mut self, chunk: Shared) -> io::Result<()> {
        let wanted = self.threads.min(1 + self.index / SHARE);
        if self.workers.len() < wanted {
            self.workers.push((self.start)()?);
        }
        let sent = match &self.chunks {
            Some(chunks) => chunks.send((self.index, chunk)).is_ok(),
            None => false,
        };
        self.index += 1;
        if sent {
            return Ok(());
        }
        // The sink has stopped, and knows why.
        self.join().and(Err(io::ErrorKind::BrokenPipe.into()))
    }

    /// Waits for all that was sent, and gives the sink back.
    ///
    /// # Errors
    /// The first of the workers or of the sink.
    pub fn finish(mut self) -> io::Result<S> {
        self.join()
    }

    fn join(&mut self) -> io::Result<S> {
        self.chunks = None;
        // It holds an end of the sink's channel.
        self.start = Box::new(|| Err(io::ErrorKind::BrokenPipe.into()));
        for worker in self.workers.drain(..) {
            join(worker)?;
        }
        match self.sink.take() {
            Some(sink) => join(sink),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl<S: Sink> Drop for Pool<S> {
    /// Waits, so that an output that is given up is gone before the program is.
    fn drop(&mut self) {
        let _ = self.join();
    }
}

/// What workers take from, in turns.
struct Source {
    outputs: Buffers,
    chunks: Receiver<(usize, Shared)>,
}

impl Source {
    /// The buffer for the output first: who has the next chunk can always finish it, and
    /// so no later ones can hold all buffers and wait for it.
    fn next(&self) -> Option<(Chunk, usize, Shared)> {
        let output = self.outputs.take();
        let (index, chunk) = self.chunks.recv().ok()?;
        Some((output, index, chunk))
    }
}

fn work_all<N>(
    mut work: impl FnMut(&[u8], &mut Vec<u8>) -> io::Result<N>,
    source: &Mutex<Source>,
    done: &Sender<Done<N>>,
) -> io::Result<()> {
    loop {
        let next = source.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((mut output, index, chunk)) = next else {
            return Ok(());
        };
        let note = work(&chunk, &mut output);
        drop(chunk);
        let result = note.map(|note| (output, note));
        if done.send(Done { index, result }).is_err() {
            return Ok(());
        }
    }
}

fn take_in_order<S: Sink>(results: &Receiver<Done<S::Note>>, mut sink: S) -> io::Result<S> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for Done { index, result } in results {
        early.insert(index, result?);
        while let Some((output, note)) = early.remove(&next) {
            sink.take(&output, note)?;
            next += 1;
        }
    }
    Ok(sink)
}
