//! Windows, as far as there is no more that the program needs there.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Which file something is, whatever its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Id(PathBuf);

impl Id {
    /// That of what a path leads to.
    ///
    /// # Errors
    /// There is nothing.
    pub fn of(path: &Path) -> io::Result<Self> {
        fs::canonicalize(path).map(Self)
    }

    /// That of an open file, which has the name `path`.
    ///
    /// # Errors
    /// There is nothing.
    pub fn of_file(_: &File, path: &Path) -> io::Result<Self> {
        Self::of(path)
    }
}

/// Whether it is a terminal, NUL or the like: these say of themselves that they are no files.
#[must_use]
pub fn is_character_device(metadata: &Metadata) -> bool {
    !metadata.is_file() && !metadata.is_dir()
}

/// Whether a file has more than one name; the system tells only by more than a standard library
/// asks.
#[must_use]
pub fn has_other_names(_: &Metadata) -> bool {
    false
}

/// The path of these bytes, which are UTF-8 where the path is one of a file.
#[must_use]
pub fn path(bytes: &[u8]) -> Cow<'_, Path> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(Path::new(text)),
        Cow::Owned(text) => Cow::Owned(text.into()),
    }
}

/// A path as manifests and the targets of links have it: with `/` between names.
#[must_use]
pub fn bytes(path: &Path) -> Cow<'_, [u8]> {
    let slash = |&byte: &u8| if byte == b'\\' { b'/' } else { byte };
    Cow::Owned(
        path.as_os_str()
            .as_encoded_bytes()
            .iter()
            .map(slash)
            .collect(),
    )
}

/// What the files are called that a program of this name may be. One without an extension is for
/// another system: Docker Desktop has a `docker` for its Linux beside `docker.exe`.
#[must_use]
pub fn file_names(program: &str) -> Vec<OsString> {
    let extensions = env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
    extensions
        .split(';')
        .filter(|extension| !extension.is_empty())
        .map(|extension| format!("{program}{extension}").into())
        .collect()
}

/// Whether it is a program: the name says that here.
#[must_use]
pub fn may_run(_: &Metadata) -> bool {
    true
}

/// How many files this program may have open; None for any number.
#[must_use]
pub fn open_files() -> Option<u64> {
    None
}

/// Opens a file to read.
///
/// # Errors
/// Those of the system.
pub fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Has the system read what is not in memory yet, which it does by itself.
pub fn read_ahead(_: &File) {}

/// Appends what there is room for. Returns how many bytes that is.
///
/// # Errors
/// Those of the system.
pub fn read(file: &File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let room = buffer.capacity() - buffer.len();
    file.take(room as u64).read_to_end(buffer)
}

/// A file in `folder` that has no name: there are none.
#[must_use]
pub fn unnamed(_: &Path) -> Option<File> {
    None
}

/// Gives a file without a name one.
///
/// # Errors
/// There are no such files.
pub fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives a file or folder another name, in the place of a file or an empty folder.
///
/// # Errors
/// Those of the system.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).or_else(|error| {
        // A folder is never replaced.
        fs::remove_dir(to).map_err(|_| error)?;
        fs::rename(from, to)
    })
}

/// There is no limit of a file's size.
pub fn fail_beyond_limit() {}

/// There are no signals.
pub fn before_end_by_signal<T>(_: impl Fn() -> T + Send + 'static) {}
