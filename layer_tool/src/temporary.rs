//! Names that are taken for a while, and left by nothing that ends the program but what no program
//! can answer.

use crate::system;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use tempfile::TempPath;

/// All that are taken. A signal is for the whole program, and so is this.
static TAKEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn taken() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name that is removed with this.
pub struct Temporary(Option<TempPath>);

impl Temporary {
    /// Takes a name in `folder` for what `make` makes there.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn new<T>(
        folder: &Path,
        make: impl FnMut(&Path) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| system::before_end_by_signal(remove_all));
        let mut taken = taken();
        let made = tempfile::Builder::new()
            .prefix(".layer_tool.")
            .make_in(folder, make)?;
        let (made, path) = made.into_parts();
        taken.insert(path.to_path_buf());
        Ok((Self(Some(path)), made))
    }

    /// Gives what it names this name for ever, in the place of what has that.
    ///
    /// # Errors
    /// The name cannot be taken.
    pub fn rename(mut self, path: &Path) -> io::Result<()> {
        let Some(name) = self.0.take() else {
            return Ok(());
        };
        let mut taken = taken();
        taken.remove(&*name);
        name.persist(path).map_err(|error| error.error)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(name) = self.0.take() {
            let mut taken = taken();
            taken.remove(&*name);
            drop(name);
        }
    }
}

/// Removes all; none is taken from then on.
fn remove_all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let taken = taken();
    for name in &*taken {
        // Best effort: nobody is left to be told.
        let _ = fs::remove_file(name);
    }
    taken
}
