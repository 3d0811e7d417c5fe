//! Names that are taken for a while, and left by nothing that ends the program but what no program
//! can answer.

use crate::system;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// All that are taken. A signal is for the whole program, and so is this.
static TAKEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn taken() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name that is removed with this, and what has it.
pub struct Temporary(Option<PathBuf>);

impl Temporary {
    /// Takes a name in `directory` for what `make` makes there.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn new<T>(
        directory: &Path,
        make: impl FnMut(&Path) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| system::before_end_by_signal(remove_all));
        let mut taken = taken();
        let made = tempfile::Builder::new()
            .prefix(".layer_tool.")
            .make_in(directory, make)?;
        let (made, path) = made.keep().map_err(|error| error.error)?;
        taken.insert(path.clone());
        Ok((Self(Some(path)), made))
    }

    /// The name.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// Gives what has it this name for ever, in the place of a file or an empty directory.
    ///
    /// # Errors
    /// The name cannot be taken.
    pub fn rename(mut self, path: &Path) -> io::Result<()> {
        if let Some(name) = self.0.take() {
            let mut taken = taken();
            taken.remove(&name);
            system::rename(&name, path).inspect_err(|_| remove(&name))?;
        }
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(name) = self.0.take() {
            let mut taken = taken();
            taken.remove(&name);
            remove(&name);
        }
    }
}

/// Removes all; none is taken from then on.
fn remove_all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let taken = taken();
    taken.iter().for_each(|name| remove(name));
    taken
}

/// Best effort: nobody is left to be told. The program may still write to a directory, which then
/// is not empty once more; when it is gone, that fails.
fn remove(name: &Path) {
    for _ in 0..1000 {
        let removed = fs::remove_file(name).or_else(|_| fs::remove_dir_all(name));
        if removed.is_ok() || !name.exists() {
            return;
        }
    }
}
