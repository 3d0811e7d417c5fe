//! Threads that may not start, and may panic.

use std::io;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};

/// Starts a thread that works on a value.
///
/// # Errors
/// The system starts none, for now: the value again, for who is here to work on it.
pub fn start<T, R>(
    value: T,
    work: impl FnOnce(T) -> io::Result<R> + Send + 'static,
) -> Result<JoinHandle<io::Result<R>>, T>
where
    T: Send + 'static,
    R: Send + 'static,
{
    // A thread that does not start would take what it was to own with it.
    let (give, given) = sync_channel::<T>(1);
    let thread = Builder::new().spawn(move || {
        let value = given.recv().map_err(io::Error::other)?;
        work(value)
    });
    match thread {
        Ok(thread) => match give.send(value) {
            Ok(()) => Ok(thread),
            Err(error) => Err(error.0),
        },
        Err(_) => Err(value),
    }
}

/// What a thread has to say at its end.
///
/// # Errors
/// Its own, or that it panicked.
pub fn join<T>(thread: JoinHandle<io::Result<T>>) -> io::Result<T> {
    thread.join().map_err(|_| panicked())?
}

/// What is told of a thread that panicked, which has said why itself.
#[must_use]
pub fn panicked() -> io::Error {
    io::Error::other("a thread panicked; that is a fault of layer_tool, please report it")
}
