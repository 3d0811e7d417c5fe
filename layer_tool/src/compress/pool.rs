//! Work on chunks in a pool of threads, its results taken in order.
//!
//! Buffers go round, as page faults cost more than copies: a full one to a worker, and
//! back when it is empty. There is a fixed number of them, and so memory is bounded.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{channel, sync_channel, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

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
    /// The chunk that is being filled.
    pub chunk: Vec<u8>,
    index: usize,
    /// None once the last chunk is sent.
    chunks: Option<SyncSender<Chunk>>,
    empty: Receiver<Vec<u8>>,
    workers: Vec<JoinHandle<()>>,
    /// None once it was asked how it ended.
    sink: Option<JoinHandle<io::Result<S>>>,
}

struct Chunk {
    index: usize,
    bytes: Vec<u8>,
}

struct Done<N> {
    index: usize,
    result: io::Result<(Vec<u8>, N)>,
}

impl<S: Sink> Pool<S> {
    /// Starts `threads` workers, each with a function of its own that turns a chunk into
    /// an output, and the thread of the sink.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new<F>(threads: usize, worker: impl Fn() -> F, sink: S) -> io::Result<Self>
    where
        F: FnMut(&[u8], &mut Vec<u8>) -> io::Result<S::Note> + Send + 'static,
    {
        let (chunks, next_chunk) = sync_channel(threads);
        let (give_back, empty) = channel();
        let (give_back_output, empty_output) = channel();
        let (done, results) = channel();
        // What workers hold and what waits for them; one more is being filled.
        for _ in 0..2 * threads {
            let _ = give_back.send(Vec::new());
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
                let work = worker();
                thread::Builder::new().spawn(move || work_all(work, &source, &done, &give_back))
            })
            .collect::<io::Result<Vec<_>>>()?;
        let sink = thread::Builder::new()
            .spawn(move || take_in_order(&results, &give_back_output, sink))?;
        Ok(Self {
            chunk: Vec::new(),
            index: 0,
            chunks: Some(chunks),
            empty,
            workers,
            sink: Some(sink),
        })
    }

    /// Gives `chunk` to the pool; there is an empty one in its place then.
    ///
    /// # Errors
    /// The work has ended by an error: that one.
    pub fn send(&mut self) -> io::Result<()> {
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
            // The sink has stopped, and knows why.
            _ => self.join().and(Err(io::ErrorKind::BrokenPipe.into())),
        }
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
        for worker in self.workers.drain(..) {
            worker.join().map_err(|_| panicked())?;
        }
        match self.sink.take() {
            Some(sink) => sink.join().map_err(|_| panicked())?,
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

fn work_all<N>(
    mut work: impl FnMut(&[u8], &mut Vec<u8>) -> io::Result<N>,
    source: &Mutex<Source>,
    done: &Sender<Done<N>>,
    give_back: &Sender<Vec<u8>>,
) {
    loop {
        let next = source.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((mut output, Chunk { index, mut bytes })) = next else {
            return;
        };
        let result = work(&bytes, &mut output).map(|note| (output, note));
        bytes.clear();
        // Nobody waits for it after the last chunk.
        let _ = give_back.send(bytes);
        if done.send(Done { index, result }).is_err() {
            return;
        }
    }
}

fn take_in_order<S: Sink>(
    results: &Receiver<Done<S::Note>>,
    give_back: &Sender<Vec<u8>>,
    mut sink: S,
) -> io::Result<S> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for Done { index, result } in results {
        early.insert(index, result?);
        while let Some((mut output, note)) = early.remove(&next) {
            sink.take(&output, note)?;
            next += 1;
            output.clear();
            // Nobody waits for it after the last chunk.
            let _ = give_back.send(output);
        }
    }
    Ok(sink)
}
