//! Work on chunks in a pool of threads, its results taken in order.

use super::chunk::{BufferPool, Chunk, SharedChunk};
use super::thread::{join, panicked, start};
use std::collections::BTreeMap;
use std::io;
use std::mem;
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
pub struct WorkerPool<S: Sink> {
    /// How many at most.
    threads: usize,
    /// Makes what a worker does.
    worker: Box<dyn Fn() -> Work<S::Note> + Send>,
    /// Chunks so far.
    sent: usize,
    state: State<S>,
}

/// Chunks for so many threads: what workers hold, what waits for them, and what is being
/// filled.
#[must_use]
pub fn buffer_count(threads: usize) -> usize {
    2 * threads + 2
}

/// Turns a chunk into an output.
type Work<N> = Box<dyn FnMut(&[u8], &mut Vec<u8>) -> io::Result<N> + Send>;

enum State<S: Sink> {
    /// Nothing was sent.
    New(S),
    /// The system starts no threads.
    Here(S, Work<S::Note>, Vec<u8>),
    Threads(Threads<S>),
    Ended,
}

impl<S: Sink> WorkerPool<S> {
    /// Will start up to `threads` workers, each with a function of its own that turns a chunk
    /// into an output, beside the thread of the sink. Where the system starts fewer, they do all
    /// the work; where it starts none, [`WorkerPool::send`] does.
    pub fn new<F>(threads: usize, worker: impl Fn() -> F + Send + 'static, sink: S) -> Self
    where
        F: FnMut(&[u8], &mut Vec<u8>) -> io::Result<S::Note> + Send + 'static,
    {
        Self {
            threads,
            worker: Box::new(move || Box::new(worker())),
            sent: 0,
            state: State::New(sink),
        }
    }

    /// Gives a chunk to the pool.
    ///
    /// # Errors
    /// The work has ended by an error, or a worker by a panic: that one.
    pub fn send(&mut self, chunk: SharedChunk) -> io::Result<()> {
        let index = self.sent;
        self.sent += 1;
        match &mut self.state {
            State::New(_) => {
                let State::New(sink) = mem::replace(&mut self.state, State::Ended) else {
                    return Err(ended());
                };
                self.state = match Threads::start(self.threads, sink) {
                    Ok(threads) => State::Threads(threads),
                    Err(sink) => State::Here(sink, (self.worker)(), Vec::new()),
                };
            }
            State::Here(..) | State::Threads(_) | State::Ended => {}
        }
        if let State::Threads(threads) = &mut self.state {
            if threads.workers.len() < self.threads.min(1 + index / SHARE) {
                threads.start_worker((self.worker)());
            }
            if threads.workers.is_empty() {
                let sink = self.end()?;
                self.state = State::Here(sink, (self.worker)(), Vec::new());
            }
        }
        match &mut self.state {
            State::Here(sink, work, output) => {
                output.clear();
                let note = work(&chunk, output)?;
                sink.take(output, note)
            }
            State::Threads(threads) => match threads.chunks.send((index, chunk)) {
                Ok(()) => Ok(()),
                // The sink has stopped, and knows why.
                Err(_) => self.end().and(Err(ended())),
            },
            State::New(_) | State::Ended => Err(ended()),
        }
    }

    /// Waits for all that was sent, and gives the sink back.
    ///
    /// # Errors
    /// The first of the workers or of the sink.
    pub fn finish(mut self) -> io::Result<S> {
        self.end()
    }

    fn end(&mut self) -> io::Result<S> {
        match mem::replace(&mut self.state, State::Ended) {
            State::New(sink) | State::Here(sink, ..) => Ok(sink),
            State::Threads(threads) => threads.end(),
            State::Ended => Err(ended()),
        }
    }
}

impl<S: Sink> Drop for WorkerPool<S> {
    /// Waits, so that an output that is given up is gone before the program is.
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn ended() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

/// What a worker has to say: the result of a chunk, or why there are no more.
type Result<N> = io::Result<(usize, Chunk, N)>;

struct Threads<S: Sink> {
    chunks: SyncSender<(usize, SharedChunk)>,
    /// Workers hold it: with the last of them, all that waits is gone.
    waiting: Weak<Mutex<Waiting>>,
    /// Holds it until the first worker does.
    first: Option<Arc<Mutex<Waiting>>>,
    results: Sender<Result<S::Note>>,
    workers: Vec<JoinHandle<io::Result<()>>>,
    sink: JoinHandle<io::Result<S>>,
}

impl<S: Sink> Threads<S> {
    /// Starts the sink's thread; gives the sink back where that does not start.
    fn start(threads: usize, sink: S) -> std::result::Result<Self, S> {
        let (sender, results) = channel();
        let sink = start(sink, move |sink| take_in_order(results, sink))?;
        let (chunks, next) = sync_channel(threads);
        let first = Arc::new(Mutex::new(Waiting {
            outputs: BufferPool::new(threads + 2),
            chunks: next,
        }));
        Ok(Self {
            chunks,
            waiting: Arc::downgrade(&first),
            first: Some(first),
            results: sender,
            workers: Vec::new(),
            sink,
        })
    }

    /// Starts a worker, if the system does.
    fn start_worker(&mut self, work: Work<S::Note>) {
        // If all workers have ended, the next chunk will tell.
        if let Some(waiting) = self.waiting.upgrade() {
            let results = self.results.clone();
            let all = (work, waiting, results);
            if let Ok(worker) = start(all, |(work, waiting, results)| {
                work_all(work, &waiting, &results);
                Ok(())
            }) {
                self.workers.push(worker);
                self.first = None;
            }
        }
    }

    fn end(self) -> io::Result<S> {
        drop((self.chunks, self.first, self.results));
        for worker in self.workers {
            // How it ended, it told the sink.
            let _ = worker.join();
        }
        join(self.sink)
    }
}

/// What workers take from, in turns.
struct Waiting {
    outputs: BufferPool,
    chunks: Receiver<(usize, SharedChunk)>,
}

impl Waiting {
    /// The buffer for the output first: who has the next chunk can always finish it, and
    /// so no later ones can hold all buffers and wait for it.
    fn next(&self) -> Option<(Chunk, usize, SharedChunk)> {
        let output = self.outputs.take();
        let (index, chunk) = self.chunks.recv().ok()?;
        Some((output, index, chunk))
    }
}

/// Tells of a panic: the sink would wait for the chunk's result for ever, and the other workers
/// for the sink.
struct LastWords<'a, N>(&'a Sender<Result<N>>);

impl<N> Drop for LastWords<'_, N> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.0.send(Err(panicked()));
        }
    }
}

fn work_all<N>(mut work: Work<N>, waiting: &Mutex<Waiting>, results: &Sender<Result<N>>) {
    let _last_words = LastWords(results);
    loop {
        let next = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next();
        let Some((mut output, index, chunk)) = next else {
            return;
        };
        let note = work(&chunk, &mut output);
        drop(chunk);
        let result = note.map(|note| (index, output, note));
        if results.send(result).is_err() {
            return;
        }
    }
}

// The results by value: when the sink ends, there is nobody to send them to.
#[allow(clippy::needless_pass_by_value)]
fn take_in_order<S: Sink>(results: Receiver<Result<S::Note>>, mut sink: S) -> io::Result<S> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for result in &results {
        let (index, output, note) = result?;
        early.insert(index, (output, note));
        while let Some((output, note)) = early.remove(&next) {
            sink.take(&output, note)?;
            next += 1;
        }
    }
    Ok(sink)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Numbers of chunks in their order.
    #[derive(Default)]
    struct Taken {
        numbers: Vec<u8>,
        panics_at: Option<u8>,
    }

    impl Sink for Taken {
        type Note = u8;

        fn take(&mut self, output: &[u8], note: u8) -> io::Result<()> {
            assert_ne!(self.panics_at, Some(note), "a panic that is meant");
            assert_eq!(output, [note; 3]);
            self.numbers.push(note);
            Ok(())
        }
    }

    fn triple(chunk: &[u8], output: &mut Vec<u8>) -> io::Result<u8> {
        output.clear();
        output.extend([chunk[0]; 3]);
        Ok(chunk[0])
    }

    /// Sends 100 chunks through buffers that go round; fails where that has no end.
    fn run(
        threads: usize,
        work: fn(&[u8], &mut Vec<u8>) -> io::Result<u8>,
        panics_at: Option<u8>,
    ) -> io::Result<Vec<u8>> {
        let (tell, told) = channel();
        thread::spawn(move || {
            let sink = Taken {
                panics_at,
                ..Taken::default()
            };
            let mut pool = WorkerPool::new(threads, move || work, sink);
            let buffers = BufferPool::new(buffer_count(threads));
            let sent = (0..100).try_for_each(|number| {
                let mut chunk = buffers.take();
                chunk.clear();
                chunk.push(number);
                pool.send(Arc::new(chunk))
            });
            let ended = sent.and_then(|()| pool.finish());
            tell.send(ended.map(|sink| sink.numbers))
        });
        told.recv_timeout(Duration::from_secs(60))
            .expect("the pool waits for ever")
    }

    #[test]
    fn results_are_taken_in_order() {
        for threads in [1, 2, 7] {
            let numbers: Vec<u8> = (0..100).collect();
            assert_eq!(run(threads, triple, None).expect("no error"), numbers);
        }
    }

    #[test]
    fn workers_are_started_for_what_there_is_to_do() {
        for (threads, chunks, expected) in [
            (4, 0, 0),
            (4, 1, 1),
            (4, 2, 1),
            (4, 3, 2),
            (4, 4, 2),
            (4, 5, 3),
            (4, 100, 4),
            (1, 100, 1),
        ] {
            let (start, started) = channel();
            let worker = move || {
                let _ = start.send(());
                triple
            };
            let mut pool = WorkerPool::new(threads, worker, Taken::default());
            let buffers = BufferPool::new(buffer_count(threads));
            for number in 0..chunks {
                let mut chunk = buffers.take();
                chunk.clear();
                chunk.push(number);
                pool.send(Arc::new(chunk)).expect("no error");
            }
            pool.finish().expect("no error");
            assert_eq!(started.iter().count(), expected, "{threads}, {chunks}");
        }
    }

    #[test]
    fn a_panic_ends_the_work() {
        let panics = |chunk: &[u8], output: &mut Vec<u8>| {
            assert_ne!(chunk[0], 10, "a panic that is meant");
            triple(chunk, output)
        };
        for threads in [1, 2, 7] {
            let error = run(threads, panics, None).expect_err("a panic");
            assert_eq!(error.to_string(), panicked().to_string(), "{threads}");
            let error = run(threads, triple, Some(10)).expect_err("a panic");
            assert_eq!(error.to_string(), panicked().to_string(), "{threads}");
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let fails = |chunk: &[u8], output: &mut Vec<u8>| match chunk[0] {
            10 => Err(io::Error::other("the tenth")),
            _ => triple(chunk, output),
        };
        for threads in [1, 2, 7] {
            let error = run(threads, fails, None).expect_err("an error");
            assert_eq!(error.to_string(), "the tenth", "{threads}");
        }
    }
}
