//! An output that has its final name only when it is whole.
//!
//! Where the system can, its bytes have no name at all until then, so that whatever ends the
//! program leaves nothing.

use crate::error::{Error, Result};
use crate::system;
use crate::temporary::Temporary;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

/// Bytes to write at once. Linux takes as large a page as a write fills, and on a virtual
/// machine that page may have to come from the host first: ten times the cost of the copy.
const WRITE: usize = 64 << 10;

/// As many links as systems follow.
const MAX_LINKS: usize = 40;

/// A file that is not there unless it is committed.
pub struct Output {
    file: BufWriter<Pieces>,
    path: PathBuf,
    name: Name,
}

/// What an output is called until it is whole.
enum Name {
    None,
    Temporary(Temporary),
    /// Its own: a device or pipe cannot be replaced.
    Own,
}

impl Output {
    /// Starts a file that will be at `path`, or where that leads to as a link. Devices and pipes
    /// take the bytes at once.
    ///
    /// # Errors
    /// The directory does not take one; `path` is a directory.
    pub fn create(path: &Path) -> Result<Self> {
        system::fail_beyond_limit();
        let to_error = Error::io("write", path);
        let (path, file, name) = match Destination::of(path)? {
            Destination::Stream => {
                let stream = OpenOptions::new().write(true).truncate(true).open(path);
                (path.to_owned(), stream.map_err(to_error)?, Name::Own)
            }
            Destination::File(path) => match system::unnamed(directory(&path)) {
                Some(file) => (path, file, Name::None),
                None => {
                    let named = Temporary::new(directory(&path), new_file);
                    let (temporary, file) = named.map_err(to_error)?;
                    (path, file, Name::Temporary(temporary))
                }
            },
        };
        Ok(Self {
            file: BufWriter::with_capacity(WRITE, Pieces(file)),
            path,
            name,
        })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// The name cannot be taken.
    pub fn commit(self) -> Result<()> {
        commit([self])
    }

    /// Best effort: what cannot be removed cannot be replaced either, and that is an error.
    fn remove_earlier(&self) {
        if !matches!(self.name, Name::Own) {
            let _ = fs::remove_file(&self.path);
        }
    }

    fn place(self) -> Result<Committed> {
        let Self { file, path, name } = self;
        let own = matches!(name, Name::Own);
        let committed = || {
            let Pieces(file) = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            match name {
                Name::Own => Ok(file),
                Name::Temporary(temporary) => temporary.rename(&path).map(|()| file),
                Name::None => link(file, &path),
            }
        };
        let file = committed().map_err(Error::io("write", &path))?;
        Ok(Committed { path, file, own })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Gives outputs their names, each only if all are whole.
///
/// # Errors
/// None has its name then.
pub fn commit(outputs: impl IntoIterator<Item = Output>) -> Result<()> {
    let mut committed: Vec<Committed> = Vec::new();
    let mut place = |output: Output| {
        let new = output.place()?;
        // A file system may take two names for one.
        let before = committed
            .iter()
            .find(|old| !new.own && new.is_at(&old.path));
        let error = before.map(|old| one_file(&shown(&old.path), &shown(&new.path)));
        committed.push(new);
        error.map_or(Ok(()), Err)
    };
    let mut outputs = outputs.into_iter().collect::<Vec<_>>();
    for output in &mut outputs {
        let path = output.path.clone();
        output.flush().map_err(Error::io("write", &path))?;
    }
    // Whatever ends the program from here on, no earlier output stands beside one of these. And a
    // file without a name takes only one that is free: in place of another it would need a second,
    // which might stay.
    for output in &outputs {
        output.remove_earlier();
    }
    let result = outputs.into_iter().try_for_each(&mut place);
    if result.is_err() {
        for old in committed.iter().filter(|old| !old.own) {
            // Best effort: the first error is the one to tell.
            let _ = fs::remove_file(&old.path);
        }
    }
    result
}

/// An output that has its name.
struct Committed {
    path: PathBuf,
    file: File,
    /// Whether nothing but its bytes was new.
    own: bool,
}

impl Committed {
    fn is_at(&self, path: &Path) -> bool {
        let there = system::Id::of(path);
        there.is_ok_and(|there| {
            system::Id::of_file(&self.file, &self.path).is_ok_and(|own| own == there)
        })
    }
}

/// Gives a file without a name this one.
fn link(mut file: File, path: &Path) -> io::Result<File> {
    // Where another program was faster, what is there is replaced at once, which takes a name.
    let linked = system::link(&file, path).or_else(|_| {
        let (temporary, ()) = Temporary::new(directory(path), |name| system::link(&file, name))?;
        temporary.rename(path)
    });
    if linked.is_ok() {
        return Ok(file);
    }
    // Systems that make such files and cannot name them, as without /proc.
    let (temporary, mut named) = Temporary::new(directory(path), new_file)?;
    file.rewind()?;
    io::copy(&mut file, &mut named)?;
    temporary.rename(path)?;
    Ok(named)
}

/// A file with the mode that any new one has.
fn new_file(path: &Path) -> io::Result<File> {
    File::create_new(path)
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    }
}

/// Where the bytes of an output go.
enum Destination {
    /// A file, which is new or replaced.
    File(PathBuf),
    /// What is there already, and takes bytes as they come.
    Stream,
}

impl Destination {
    /// Follows links, as the system does when a program writes to a path.
    fn of(path: &Path) -> Result<Self> {
        match fs::metadata(path) {
            _ if system::is_device(path) => return Ok(Self::Stream),
            Ok(there) if there.is_dir() => {
                return Err(Error::Content {
                    path: path.to_owned(),
                    problem: "is a directory, so an output cannot replace it; name another file"
                        .to_owned(),
                });
            }
            Ok(there) if !there.is_file() => return Ok(Self::Stream),
            _ => {}
        }
        let mut end = path.to_owned();
        for _ in 0..MAX_LINKS {
            let Ok(target) = fs::read_link(&end) else {
                return Ok(Self::File(end));
            };
            // A file that a program has open already, as /dev/stdout is.
            if end.starts_with("/proc") {
                return Ok(Self::Stream);
            }
            end = directory(&end).join(target);
        }
        Err(Error::Content {
            path: path.to_owned(),
            problem: "is a loop of links; name another file".to_owned(),
        })
    }
}

/// A command's argument that names a file, for messages: its flag and what follows it.
pub type Argument<'a> = (&'a str, &'a Path);

/// The arguments of one flag.
pub fn arguments<'a>(
    flag: &'a str,
    paths: impl IntoIterator<Item = &'a PathBuf>,
) -> impl Iterator<Item = Argument<'a>> {
    paths.into_iter().map(move |path| (flag, path.as_path()))
}

/// Checks that the outputs of a command are each a file of its own, none of its inputs, and in no
/// directory that is one of these.
///
/// # Errors
/// Two are one file by whatever names, or one is in the other.
pub fn distinct<'a>(
    outputs: impl IntoIterator<Item = Argument<'a>>,
    inputs: impl IntoIterator<Item = Argument<'a>>,
) -> Result<()> {
    let outputs: Vec<_> = outputs.into_iter().collect();
    let inputs: Vec<_> = inputs.into_iter().collect();
    each_its_own(&outputs, &inputs)?;
    let directories = outputs.iter().chain(&inputs).filter(|it| it.1.is_dir());
    for directory in directories {
        if let Some(output) = outputs
            .iter()
            .find(|&output| output != directory && is_inside(output.1, directory.1))
        {
            let (output, directory) = (argument(output), argument(directory));
            let problem = format!("{output} is inside {directory}; name another");
            return Err(Error::Usage(problem));
        }
    }
    Ok(())
}

fn each_its_own<'a>(outputs: &[Argument<'a>], inputs: &[Argument<'a>]) -> Result<()> {
    let mut seen: Vec<(Argument<'_>, Identity)> = Vec::new();
    for output in outputs {
        let Some(identity) = Identity::of(output.1) else {
            continue;
        };
        if let Some((other, _)) = seen.iter().find(|(_, other)| *other == identity) {
            return Err(one_file(&argument(other), &argument(output)));
        }
        seen.push((*output, identity));
    }
    for input in inputs {
        let Some(identity) = Identity::of(input.1) else {
            continue;
        };
        if let Some((output, _)) = seen.iter().find(|(_, output)| *output == identity) {
            return Err(one_file(&argument(input), &argument(output)));
        }
    }
    Ok(())
}

/// Whether an output would stand in a directory, or below.
fn is_inside(output: &Path, top: &Path) -> bool {
    let output = match Destination::of(output) {
        Ok(Destination::File(file)) => file,
        Ok(Destination::Stream) => return false,
        // A layout may take the place of an empty directory.
        Err(_) => output.to_owned(),
    };
    let within = |at: PathBuf| fs::canonicalize(top).is_ok_and(|top| at.starts_with(top));
    fs::canonicalize(directory(&output)).is_ok_and(within)
}

fn argument((flag, path): &Argument<'_>) -> String {
    format!("{flag} {}", path.display())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn one_file(one: &str, other: &str) -> Error {
    Error::Usage(format!("{one} and {other} are the same file; name another"))
}

/// What a path leads to.
#[derive(PartialEq)]
enum Identity {
    File(system::Id),
    /// This name in this directory, for a file that has no other: who runs beside this program may
    /// replace it, and a new file may have the number of the old one.
    Name(system::Id, PathBuf),
}

impl Identity {
    /// None for a terminal, /dev/null and the like, which any number may share.
    fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            _ if system::is_device(path) => None,
            Ok(there) if !there.is_file() || system::has_other_names(path) => {
                system::Id::of(path).ok().map(Self::File)
            }
            _ => {
                let Ok(Destination::File(path)) = Destination::of(path) else {
                    return None;
                };
                let directory = system::Id::of(directory(&path)).ok()?;
                Some(Self::Name(directory, path.file_name()?.into()))
            }
        }
    }
}

/// A file that is written in pieces.
struct Pieces(File);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(WRITE);
        self.0.write(&bytes[..count])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
