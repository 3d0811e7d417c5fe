//! Writes entries and their content as a tar.

use crate::elf::{self, Machines};
use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::mtree::vis;
use crate::same::{Firsts, START};
use crate::source;
use crate::tar::{self, Kind};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Files that are opened together: each time that a thread wakes another costs as much as opening
/// one.
const TOGETHER: usize = 32;

/// How many times as many may wait to be read: some systems give a program 256 open files only.
const WAITING: usize = 4;

/// A tar on its way to a writer.
pub struct Archive<'a, W> {
    out: W,
    /// Where it goes, for messages.
    path: &'a Path,
    buffer: Vec<u8>,
    /// How the root of the image is spelled.
    root: &'static str,
}

impl<'a, W: Write> Archive<'a, W> {
    /// Starts a tar into `out`, which ends up at `path`.
    pub fn new(out: W, path: &'a Path) -> Self {
        Self {
            out,
            path,
            buffer: vec![0; START],
            root: "",
        }
    }

    /// Writes entries and their content. `by_path` is for a layer as other programs write it of a
    /// sorted manifest: paths begin with `./`, and there are no hard links for what is the same.
    /// Returns the machines that the entries are for.
    ///
    /// # Errors
    /// A source cannot be read, or changes meanwhile; the output fails.
    pub fn entries<'e>(
        &mut self,
        entries: impl Iterator<Item = &'e Entry> + Clone + Send,
        by_path: bool,
    ) -> Result<Machines> {
        self.root = if by_path { "./" } else { "" };
        let mut ahead = entries.clone().filter_map(open);
        thread::scope(|scope| {
            let (sender, opened) = sync_channel(WAITING);
            scope.spawn(move || loop {
                let files: Vec<Opened> = ahead.by_ref().take(TOGETHER).collect();
                // Nobody waits for them after an error.
                if files.is_empty() || sender.send(files).is_err() {
                    break;
                }
            });
            let mut opened = opened.into_iter().flatten();
            let mut firsts = Firsts::default();
            let mut machines = Machines::new();
            for entry in entries {
                match &entry.body {
                    Body::Dir => self.header(entry, Kind::Dir)?,
                    Body::Symlink(target) => self.header(entry, Kind::Symlink(target))?,
                    Body::File { source: None, .. } => self.header(entry, Kind::File(0))?,
                    Body::File {
                        source: Some(source),
                        ..
                    } => {
                        let mut content = Content::new(entry, source, opened.next())?;
                        let start = content.read(&mut self.buffer)?;
                        if let Some(machine) = elf::machine(&self.buffer[..start]) {
                            machines
                                .entry(machine)
                                .or_insert_with(|| vis::escape(&entry.path));
                        }
                        let first = if by_path {
                            None
                        } else {
                            firsts.find(entry, content.size, &self.buffer[..start])?
                        };
                        match first {
                            Some(first) => self.header(entry, Kind::HardLink(&first.path))?,
                            None => self.content(content, start)?,
                        }
                    }
                }
            }
            Ok(machines)
        })
    }

    /// Writes the blocks that end an archive.
    ///
    /// # Errors
    /// The output fails.
    pub fn end(&mut self) -> Result<()> {
        self.write(&tar::END)
    }

    /// The writer that all went to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out
            .write_all(bytes)
            .map_err(Error::io("write", self.path))
    }

    fn header(&mut self, entry: &Entry, kind: Kind<'_>) -> Result<()> {
        let mut header = Vec::with_capacity(1536);
        tar::encode_header(self.root, entry, kind, &mut header);
        self.write(&header)
    }

    /// Writes a file, of which the start was read.
    fn content(&mut self, mut content: Content<'_>, start: usize) -> Result<()> {
        self.header(content.entry, Kind::File(content.size))?;
        let mut count = start;
        loop {
            self.out
                .write_all(&self.buffer[..count])
                .map_err(Error::io("write", self.path))?;
            if count < self.buffer.len() {
                break;
            }
            count = content.read(&mut self.buffer)?;
        }
        self.write(&tar::END[..tar::padding(content.size)])
    }
}

type Opened = Result<(File, u64)>;

fn open(entry: &Entry) -> Option<Opened> {
    match &entry.body {
        Body::File {
            source: Some(source),
            size,
        } => Some(source::open_ahead(entry, source, *size)),
        _ => None,
    }
}

/// The bytes of a file: exactly as many as it had when it was opened.
struct Content<'a> {
    entry: &'a Entry,
    source: &'a Path,
    file: File,
    size: u64,
    left: u64,
}

impl<'a> Content<'a> {
    /// Takes the file of an entry, which is the next that was opened.
    fn new(entry: &'a Entry, source: &'a Path, opened: Option<Opened>) -> Result<Self> {
        let (file, size) = opened.ok_or_else(|| Error::Manifest {
            place: entry.place.clone(),
            problem: "the thread that opens files has ended; build again".to_owned(),
        })??;
        Ok(Self {
            entry,
            source,
            file,
            size,
            left: size,
        })
    }

    /// Fills the buffer as far as the file goes.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.file.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => {
                    filled += count;
                    // A regular file gives less than there is room for at its end only.
                    if filled as u64 == self.left && filled < buffer.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(&format!("cannot read: {error}"))),
            }
        }
        self.left = self
            .left
            .checked_sub(filled as u64)
            .ok_or_else(|| self.changed("grew"))?;
        if filled < buffer.len() && self.left > 0 {
            return Err(self.changed("shrank"));
        }
        Ok(filled)
    }

    fn changed(&self, how: &str) -> Error {
        self.error(&format!(
            "the file {how} while it was read ({} bytes at first); build again when nothing writes it",
            self.size
        ))
    }

    fn error(&self, problem: &str) -> Error {
        Error::Manifest {
            place: self.entry.place.clone(),
            problem: format!("{}: {problem}", self.source.display()),
        }
    }
}
