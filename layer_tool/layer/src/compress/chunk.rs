//! Pieces of a stream in buffers that go round: page faults cost more than copies. There is a
//! fixed number of them, and so memory is bounded.

use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::mpsc::{channel, sync_channel, Receiver, Sender, SyncSender};
use std::sync::Arc;
use std::thread::JoinHandle;

use super::thread::{join, start};

/// Bytes of a chunk of a tar.
pub const CHUNK: usize = 3 << 20;

/// A piece of a stream, for all who read it.
pub type SharedChunk = Arc<Chunk>;

/// Bytes whose buffer goes back when the last reader is done.
pub struct Chunk {
    bytes: Vec<u8>,
    home: Sender<Vec<u8>>,
}

impl Deref for Chunk {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Chunk {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // Nobody waits for it after the last chunk.
        let _ = self.home.send(std::mem::take(&mut self.bytes));
    }
}

/// A pool of a fixed number of buffers.
pub struct BufferPool {
    home: Sender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl BufferPool {
    /// So many, which get their memory when they are used.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let (home, empty) = channel();
        for _ in 0..count {
            let _ = home.send(Vec::new());
        }
        Self { home, empty }
    }

    /// One, with the bytes that it had; waits until there is one.
    #[must_use]
    pub fn take(&self) -> Chunk {
        Chunk {
            // It cannot fail: the other end is here.
            bytes: self.empty.recv().unwrap_or_default(),
            home: self.home.clone(),
        }
    }
}

/// What takes chunks in order, in a thread of its own once there is more than one; where the
/// system starts none, [`Background::send`] does the work.
pub struct Background<T> {
    take: fn(&mut T, &[u8]) -> io::Result<()>,
    state: State<T>,
}

enum State<T> {
    New(T),
    Here(T),
    Thread(SyncSender<SharedChunk>, JoinHandle<io::Result<T>>),
    Failed,
}

impl<T> Drop for Background<T> {
    /// Waits, so that an output that is given up is gone before the program is.
    fn drop(&mut self) {
        let _ = self.end();
    }
}

impl<T: Send + 'static> Background<T> {
    /// Will call `take` with `target` and each chunk.
    pub fn new(target: T, take: fn(&mut T, &[u8]) -> io::Result<()>) -> Self {
        Self {
            take,
            state: State::New(target),
        }
    }

    /// Gives the next chunk.
    ///
    /// # Errors
    /// An earlier chunk was not taken, or this one.
    pub fn send(&mut self, chunk: SharedChunk) -> io::Result<()> {
        let take = self.take;
        match std::mem::replace(&mut self.state, State::Failed) {
            // The first one, so that what starts threads itself has its own before this takes one.
            State::New(mut target) => {
                take(&mut target, &chunk)?;
                self.state = State::Here(target);
            }
            // The last one of what is small.
            State::Here(mut target) if chunk.len() < CHUNK => {
                take(&mut target, &chunk)?;
                self.state = State::Here(target);
            }
            State::Here(target) => {
                // What is sent waits in the buffers, of which there are not many.
                let (sender, chunks) = sync_channel::<SharedChunk>(64);
                let work = move |mut target| {
                    for chunk in chunks {
                        take(&mut target, &chunk)?;
                    }
                    Ok(target)
                };
                match start(target, work) {
                    Ok(thread) => {
                        self.state = State::Thread(sender, thread);
                        return self.send(chunk);
                    }
                    Err(mut target) => {
                        take(&mut target, &chunk)?;
                        self.state = State::Here(target);
                    }
                }
            }
            State::Thread(sender, thread) => match sender.send(chunk) {
                Ok(()) => self.state = State::Thread(sender, thread),
                Err(_) => return Err(join(thread).err().unwrap_or_else(gone)),
            },
            State::Failed => return Err(gone()),
        }
        Ok(())
    }

    /// The target, once it has taken all chunks.
    ///
    /// # Errors
    /// That of the first chunk that was not taken.
    pub fn finish(mut self) -> io::Result<T> {
        self.end()
    }
}

impl<T> Background<T> {
    fn end(&mut self) -> io::Result<T> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::New(target) | State::Here(target) => Ok(target),
            State::Thread(sender, thread) => {
                drop(sender);
                join(thread)
            }
            State::Failed => Err(gone()),
        }
    }
}

fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_the_work() {
        let mut background = Background::new(0, |taken, _| {
            assert_ne!(*taken, 10, "a panic that is meant");
            *taken += 1;
            Ok(())
        });
        let buffers = BufferPool::new(2);
        let sent = (0..100).try_for_each(|_| {
            let mut chunk = buffers.take();
            chunk.resize(CHUNK, 0); // As large as is worth a thread.
            background.send(Arc::new(chunk))
        });
        let error = sent
            .and_then(|()| background.finish())
            .expect_err("a panic");
        assert_eq!(
            error.to_string(),
            super::super::thread::panicked().to_string()
        );
    }
}
