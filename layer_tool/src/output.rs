//! An output that has its final name only when it is whole.

use crate::error::{Error, Result};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Bytes to write at once. Linux takes as large a page as a write fills, and on a virtual
/// machine that page may have to come from the host first: ten times the cost of the copy.
const WRITE: usize = 64 << 10;

/// A file that is removed unless it is committed.
pub struct Output {
    file: NamedTempFile,
    path: PathBuf,
}

impl Output {
    /// Starts a file that will be at `path`.
    ///
    /// # Errors
    /// The folder does not take one; `path` is a folder, a device or the like.
    pub fn create(path: &Path) -> Result<Self> {
        if fs::symlink_metadata(path).is_ok_and(|old| !old.is_file() && !old.is_symlink()) {
            return Err(Error::Content {
                path: path.to_owned(),
                problem: "is no regular file, so no output can take its place; name another"
                    .to_owned(),
            });
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // With the mode that any new file has.
        let file = tempfile::Builder::new()
            .prefix(".layer_tool.")
            .make_in(folder, |name| File::create_new(name))
            .map_err(Error::io("write", path))?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// The name cannot be taken.
    pub fn commit(self) -> Result<()> {
        let path = self.path;
        self.file
            .persist(&path)
            .map(|_| ())
            .map_err(|error| Error::io("write", &path)(error.error))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(WRITE);
        self.file.as_file_mut().write(&bytes[..count])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}
