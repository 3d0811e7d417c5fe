//! The one error type: messages are fragments that read well after `layer_tool: `.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A manifest, to be named in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its file.
    pub path: PathBuf,
    /// The label of what it is made for, if it says that: a user knows that, and not a file of
    /// an action.
    pub label: Option<String>,
}

/// A line of a manifest, to be named in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The manifest.
    pub manifest: Arc<Manifest>,
    /// The line, from 1.
    pub line: usize,
}

impl Location {
    /// A line of a manifest that says nothing of a label.
    #[must_use]
    pub fn new(manifest: &Path, line: usize) -> Self {
        Self {
            manifest: Arc::new(Manifest {
                path: manifest.to_owned(),
                label: None,
            }),
            line,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.manifest.label {
            Some(label) => f.write_str(label),
            None => write!(f, "{}:{}", self.manifest.path.display(), self.line),
        }
    }
}

/// What can go wrong, sorted by who can correct it.
#[derive(Debug)]
pub enum Error {
    /// The command line makes no sense.
    Usage(String),
    /// A line of a manifest is wrong, or what it names.
    Manifest {
        /// The line.
        location: Location,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A file cannot be read or written.
    Io {
        /// What was tried, as in "read".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A layer or metadata file is not what it should be.
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl Error {
    /// An [`Error::Io`], for `map_err`.
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// The exit code: 2 for wrong usage, 1 for what a user corrects elsewhere.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(problem) => f.write_str(problem),
            Self::Manifest { location, problem } => write!(f, "{location}: {problem}"),
            Self::Io {
                doing,
                path,
                source,
            } => write!(
                f,
                "cannot {doing} {}: {}",
                path.display(),
                explain(source, "")
            ),
            Self::Content { path, problem } => write!(f, "{}: {problem}", path.display()),
        }
    }
}

/// What the system answered, and what to do: `otherwise` where that is about the file itself.
#[must_use]
pub fn explain(error: &io::Error, otherwise: &str) -> String {
    match advice(error).unwrap_or(otherwise) {
        "" => error.to_string(),
        advice => format!("{error}; {advice}"),
    }
}

/// What to do about an answer that is about the machine, or about who asked.
fn advice(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            return Some("give the user who builds permission, by its mode or owner or those of the directories above it");
        }
        // Nothing is waited for but a new thread or process.
        io::ErrorKind::WouldBlock => {
            return Some("the system allows no more threads and processes: raise its limit (`ulimit -u`, or pids.max of the container), or run less at once (`--jobs`)");
        }
        io::ErrorKind::OutOfMemory => {
            return Some("raise the limit of memory (`ulimit -v`, or that of the container), or run less at once (`--jobs`)");
        }
        io::ErrorKind::FileTooLarge => {
            return Some("raise the limit of a file's size (`ulimit -f`), or write where files can be that large");
        }
        _ => {}
    }
    #[cfg(unix)]
    match rustix::io::Errno::from_io_error(error)? {
        rustix::io::Errno::MFILE => {
            return Some(
                "this program has too many open files: raise the limit, e.g. with `ulimit -n 1024`",
            );
        }
        rustix::io::Errno::NFILE => {
            return Some(
                "the system has too many open files: end some programs, or raise fs.file-max",
            );
        }
        _ => {}
    }
    None
}

// It has no source: what the system said is in its words.
impl std::error::Error for Error {}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_system_say_what_to_do() {
        for (number, text, advice) in [
            (2, "No such file or directory (os error 2)", ""),
            (11, "Resource temporarily unavailable (os error 11)", "the system allows no more threads and processes: raise its limit (`ulimit -u`, or pids.max of the container), or run less at once (`--jobs`)"),
            (12, "Cannot allocate memory (os error 12)", "raise the limit of memory (`ulimit -v`, or that of the container), or run less at once (`--jobs`)"),
            (13, "Permission denied (os error 13)", "give the user who builds permission, by its mode or owner or those of the directories above it"),
            (27, "File too large (os error 27)", "raise the limit of a file's size (`ulimit -f`), or write where files can be that large"),
            (23, "Too many open files in system (os error 23)", "the system has too many open files: end some programs, or raise fs.file-max"),
            (24, "Too many open files (os error 24)", "this program has too many open files: raise the limit, e.g. with `ulimit -n 1024`"),
        ] {
            let source = || io::Error::from_raw_os_error(number);
            let error = Error::io("write", Path::new("layer"))(source());
            let own = if advice.is_empty() { text.to_owned() } else { format!("{text}; {advice}") };
            assert_eq!(error.to_string(), format!("cannot write layer: {own}"));
            let either = if advice.is_empty() { "build it" } else { advice };
            assert_eq!(explain(&source(), "build it"), format!("{text}; {either}"));
        }
    }
}
