//! Linux, macOS and their relatives.

use rustix::buffer::spare_capacity;
use rustix::fs::OFlags;
use rustix::process::{getrlimit, Resource};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{mpsc, Arc, Once};
use std::thread;

/// Which file something is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Id {
    device: u64,
    inode: u64,
}

impl Id {
    /// That of what a path leads to.
    ///
    /// # Errors
    /// There is nothing.
    pub fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::from(&metadata))
    }

    /// That of an open file, which has the name `path`.
    ///
    /// # Errors
    /// The system does not say.
    pub fn of_file(file: &File, _: &Path) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::from(&metadata))
    }
}

impl From<&Metadata> for Id {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

/// Whether it is a terminal, /dev/null or the like.
#[must_use]
pub fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device())
}

/// Whether what a path leads to has more than one name.
#[must_use]
pub fn has_other_names(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.nlink() > 1)
}

/// The path of these bytes.
#[must_use]
pub fn path(bytes: &[u8]) -> Cow<'_, Path> {
    Cow::Borrowed(Path::new(OsStr::from_bytes(bytes)))
}

/// A path as manifests and the targets of links have it.
#[must_use]
pub fn bytes(path: &Path) -> Cow<'_, [u8]> {
    Cow::Borrowed(path.as_os_str().as_bytes())
}

/// What the files are called that a program of this name may be.
#[must_use]
pub fn file_names(program: &OsStr) -> Vec<OsString> {
    vec![program.into()]
}

/// Whether it is a program.
#[must_use]
pub fn may_run(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o111 != 0
}

/// How many files this program may have open; None for any number.
#[must_use]
pub fn open_files() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// Opens a file to read. Opening a pipe does not wait for who writes.
///
/// # Errors
/// Those of the system.
pub fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
}

/// Has the system read what is not in memory yet: only a wish, without which reading waits.
pub fn read_ahead(file: &File) {
    #[cfg(not(target_vendor = "apple"))]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::WillNeed);
    #[cfg(target_vendor = "apple")]
    let _ = file
        .metadata()
        .map(|metadata| rustix::fs::fcntl_rdadvise(file, 0, metadata.len()));
}

/// Appends what there is room for, by one call of the system. Returns how many bytes that is.
///
/// # Errors
/// Those of the system.
pub fn read(file: &File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    Ok(rustix::io::read(file, spare_capacity(buffer))?)
}

/// A file in `directory` that has no name, and is gone with the program; None where there are none.
#[cfg(target_os = "linux")]
#[must_use]
pub fn unnamed(directory: &Path) -> Option<File> {
    use rustix::fs::{open, Mode};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    // With the mode that any new file has.
    open(directory, flags, Mode::from_raw_mode(0o666))
        .ok()
        .map(File::from)
}

/// A file in `directory` that has no name, and is gone with the program; None where there are none.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn unnamed(_: &Path) -> Option<File> {
    None
}

/// Gives a file without a name one, which must be free.
///
/// # Errors
/// Those of the system.
#[cfg(target_os = "linux")]
pub fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{linkat, AtFlags, CWD};
    use std::os::fd::AsRawFd;
    // By the descriptor itself only the administrator may, before Linux 6.10.
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, open, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// Gives a file without a name one, which must be free.
///
/// # Errors
/// There are no such files.
#[cfg(not(target_os = "linux"))]
pub fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives a file or directory another name, in the place of a file or an empty directory.
///
/// # Errors
/// Those of the system.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Lets a write that makes a file larger than the limit fail, rather than end the program.
pub fn fail_beyond_limit() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Best effort: without it the signal ends the program, as it does most.
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    });
}

/// Has `clean` run, and what it gives kept, before a signal ends the program.
pub fn before_end_by_signal<T>(clean: impl Fn() -> T + Send + 'static) {
    let ignored = ignored();
    let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU]
        .into_iter()
        .filter(move |signal| ignored >> (signal - 1) & 1 == 0);
    let (ready, started) = mpsc::channel();
    // The thread first: without one nobody would answer the signals.
    let thread = thread::Builder::new().spawn(move || {
        let mut signals = Signals::new(signals);
        let _ = ready.send(());
        for signal in signals.iter_mut().flat_map(Signals::forever) {
            let _kept = clean();
            let _ = emulate_default_handler(signal);
        }
    });
    if thread.is_ok() {
        let _ = started.recv();
    }
}

/// The signals that the program was started to ignore, as by `nohup`, bit by bit from 1.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or_default()
}
