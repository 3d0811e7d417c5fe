//! Tells a person at a terminal how far a command is; an action has none, and is silent.

use std::io::{self, IsTerminal as _, Read, Write};

/// Counts bytes, those that go through a reader or writer, on standard error if it is a terminal.
pub struct Progress<T> {
    inner: T,
    doing: &'static str,
    total: u64,
    done: u64,
    /// Percent; None if nobody watches.
    told: Option<u64>,
}

impl<T> Progress<T> {
    /// Counts towards `total` bytes; `doing` is what it does, as in "loading".
    pub fn new(inner: T, doing: &'static str, total: u64) -> Self {
        Self {
            inner,
            doing,
            total: total.max(1),
            done: 0,
            told: io::stderr().is_terminal().then_some(0),
        }
    }

    /// Counts bytes that did not go through it.
    pub fn add(&mut self, count: u64) {
        self.done += count;
        let percent = (u128::from(self.done) * 100 / u128::from(self.total)).min(100) as u64;
        if self.told.is_some_and(|told| told < percent) {
            self.told = Some(percent);
            // Nothing is lost with it.
            let _ = write!(
                io::stderr(),
                "\r{}: {percent} % of {} MiB",
                self.doing,
                self.total >> 20
            );
        }
    }
}

impl<T> Drop for Progress<T> {
    fn drop(&mut self) {
        if self.told.is_some_and(|told| told > 0) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.add(count as u64);
        Ok(count)
    }
}

impl<W: Write> Write for Progress<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.add(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
