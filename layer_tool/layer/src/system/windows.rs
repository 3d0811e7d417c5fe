//! Windows, as far as there is no more that the program needs there.

use std::borrow::Cow;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::process;
use winapi_util::file::{information, Information};
use winapi_util::Handle;

/// The names that are devices in each directory, whatever follows a dot.
const DEVICES: [&str; 6] = ["AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"];

/// Such names where a digit follows.
const PORTS: [&str; 2] = ["COM", "LPT"];

/// What the system says of a program that Ctrl-C ended (STATUS_CONTROL_C_EXIT).
const ENDED_BY_CONSOLE: u32 = 0xC000_013A;

/// Which file something is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Id {
    volume: u64,
    index: u64,
}

impl Id {
    /// That of what a path leads to.
    ///
    /// # Errors
    /// There is nothing.
    pub fn of(path: &Path) -> io::Result<Self> {
        information(&Handle::from_path_any(path)?).map(|found| Self::from(&found))
    }

    /// That of an open file, which has the name `path`.
    ///
    /// # Errors
    /// The system does not say.
    pub fn of_file(file: &File, _: &Path) -> io::Result<Self> {
        information(file).map(|found| Self::from(&found))
    }
}

impl From<&Information> for Id {
    fn from(found: &Information) -> Self {
        Self {
            volume: found.volume_serial_number(),
            index: found.file_index(),
        }
    }
}

/// Whether it is a terminal, NUL or the like.
#[must_use]
pub fn is_device(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.and_then(|name| name.split('.').next());
    let name = name.unwrap_or_default().trim_end().to_ascii_uppercase();
    let port = || PORTS.iter().find_map(|port| name.strip_prefix(port));
    DEVICES.contains(&name.as_str())
        || port().is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']))
}

/// Whether what a path leads to has more than one name.
#[must_use]
pub fn has_other_names(path: &Path) -> bool {
    let found = Handle::from_path_any(path).and_then(information);
    found.is_ok_and(|found| found.number_of_links() > 1)
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
pub fn file_names(program: &OsStr) -> Vec<OsString> {
    let extensions = env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
    extensions
        .split(';')
        .filter(|extension| !extension.is_empty())
        .map(|extension| {
            let mut name = program.to_owned();
            name.push(extension);
            name
        })
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

/// A file in `directory` that has no name: there are none.
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

/// Gives a file or directory another name, in the place of a file or an empty directory.
///
/// # Errors
/// Those of the system.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).or_else(|error| {
        // A directory is never replaced.
        fs::remove_dir(to).map_err(|_| error)?;
        fs::rename(from, to)
    })
}

/// There is no limit of a file's size.
pub fn fail_beyond_limit() {}

/// Has `clean` run, and what it gives kept, before Ctrl-C, Ctrl-Break or a closed console ends the
/// program.
pub fn before_end_by_signal<T>(clean: impl Fn() -> T + Send + 'static) {
    // Best effort: without it the console ends the program, as it does most.
    let _ = ctrlc::set_handler(move || {
        let _kept = clean();
        process::exit(ENDED_BY_CONSOLE.cast_signed());
    });
}
