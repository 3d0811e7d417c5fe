//! Builds a tar of entries and their content.

use crate::compress::stream::Stream;
use crate::dedup::{Dedup, START};
use crate::elf::{self, Machines};
use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::mtree::vis;
use crate::source;
use crate::system;
use crate::tar::{self, Kind};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Files that are open before they are read, for the system to read ahead: a quarter of those that
/// the program may open, and no more than there is a gain.
fn ahead() -> usize {
    const MOST: u64 = 64;
    let limit = system::open_files();
    usize::try_from(limit.map_or(MOST, |limit| (limit / 4).clamp(1, MOST))).unwrap_or(1)
}

/// A tar on its way to be compressed.
pub struct Builder<'a, W: Write + Send + 'static> {
    tar: Stream<W>,
    /// Where it goes, for messages.
    path: &'a Path,
}

impl<'a, W: Write + Send + 'static> Builder<'a, W> {
    /// Starts a tar, which ends up at `path`.
    pub fn new(tar: Stream<W>, path: &'a Path) -> Self {
        Self { tar, path }
    }

    /// Writes entries and their content. `root` is how the root of the image is spelled: empty or
    /// `./`; `hard_links` is whether a file that is there already is a link to it. Returns the
    /// machines that the entries are for.
    ///
    /// # Errors
    /// A source cannot be read, or changes meanwhile; the output fails.
    pub fn entries<'e>(
        &mut self,
        entries: impl Iterator<Item = &'e Entry>,
        root: &str,
        hard_links: bool,
    ) -> Result<Machines> {
        let mut entries = entries.map(|entry| (entry, Content::open(entry)));
        let mut ahead: VecDeque<_> = entries.by_ref().take(ahead()).collect();
        let mut dedup = Dedup::default();
        let mut machines = Machines::new();
        while let Some((entry, content)) = ahead.pop_front() {
            ahead.extend(entries.next());
            let buffer = self.tar.buffer();
            let header = |kind, buffer: &mut _| tar::encode_header(root, entry, kind, buffer);
            match (content.transpose()?, &entry.body) {
                (None, Body::Dir) => header(Kind::Dir, buffer),
                (None, Body::Symlink(target)) => header(Kind::Symlink(target), buffer),
                (None, Body::File { .. }) => header(Kind::File(0), buffer),
                (Some(mut content), _) => {
                    let before = buffer.len();
                    header(Kind::File(content.size), buffer);
                    let start = buffer.len();
                    buffer.reserve(START);
                    let mut ended = content.read(buffer)?;
                    let start = &buffer[start..];
                    let start = &start[..start.len().min(START)];
                    if let Some(machine) = elf::machine(&entry.path, start) {
                        machines
                            .entry(machine)
                            .or_insert_with(|| vis::escape(&entry.path));
                    }
                    let first = if hard_links {
                        dedup.find(entry, content.size, start)?
                    } else {
                        None
                    };
                    if let Some(first) = first {
                        buffer.truncate(before);
                        header(Kind::HardLink(&first.path), buffer);
                    } else {
                        while !ended {
                            self.send()?;
                            ended = content.read(self.tar.buffer())?;
                        }
                        let padding = &tar::END[..tar::padding(content.size)];
                        self.tar.buffer().extend_from_slice(padding);
                    }
                }
            }
            self.send()?;
        }
        Ok(machines)
    }

    /// Writes the blocks that end an archive.
    pub fn end(&mut self) {
        self.tar.buffer().extend_from_slice(&tar::END);
    }

    /// What the tar went to.
    pub fn into_inner(self) -> Stream<W> {
        self.tar
    }

    fn send(&mut self) -> Result<()> {
        self.tar.send_full().map_err(Error::io("write", self.path))
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
    /// Opens the file of an entry; None for what has no bytes.
    fn open(entry: &'a Entry) -> Option<Result<Self>> {
        let Body::File {
            source: Some(source),
            size,
        } = &entry.body
        else {
            return None;
        };
        let opened = source::open_ahead(entry, source, *size);
        Some(opened.map(|(file, size)| Self {
            entry,
            source,
            file,
            size,
            left: size,
        }))
    }

    /// Appends what there is room for. Returns whether that was the end of the file.
    fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool> {
        let mut ended = false;
        while !ended && buffer.len() < buffer.capacity() {
            match system::read(&self.file, buffer) {
                Ok(count) => {
                    self.left = self
                        .left
                        .checked_sub(count as u64)
                        .ok_or_else(|| self.changed("grew"))?;
                    ended = count == 0 || self.is_read(buffer);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(&format!("cannot read: {error}"))),
            }
        }
        if ended && self.left > 0 {
            return Err(self.changed("shrank"));
        }
        Ok(ended)
    }

    /// Whether nothing is left, and another call would find that: a regular file gives less than
    /// there is room for at its end only.
    fn is_read(&self, buffer: &Vec<u8>) -> bool {
        self.left == 0 && buffer.len() < buffer.capacity()
    }

    fn changed(&self, how: &str) -> Error {
        self.error(&format!(
            "the file {how} while it was read ({} bytes at first); build again when nothing writes it",
            self.size
        ))
    }

    fn error(&self, problem: &str) -> Error {
        Error::Manifest {
            location: self.entry.location.clone(),
            problem: format!("{}: {problem}", self.source.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Location;
    use crate::image_path::ImagePath;
    use std::sync::Arc;

    /// Reads a file that has these bytes and had `size` of them, with room for `room` at once.
    fn read(bytes: &[u8], size: u64, room: usize) -> std::result::Result<Vec<u8>, String> {
        let source = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(source.path(), bytes).expect("content");
        let entry = Entry {
            path: ImagePath::new(b"a").expect("a path"),
            attributes: Arc::default(),
            body: Body::Dir,
            parent_of: None,
            dmode: 0o755,
            location: Location::new(Path::new("m"), 1),
        };
        let mut content = Content {
            entry: &entry,
            source: Path::new("source"),
            file: File::open(source.path()).expect("the file"),
            size,
            left: size,
        };
        let (mut all, mut buffer, mut ended) = (Vec::new(), Vec::new(), false);
        while !ended {
            buffer.clear();
            buffer.reserve_exact(room);
            ended = content
                .read(&mut buffer)
                .map_err(|error| error.to_string())?;
            all.extend_from_slice(&buffer);
        }
        Ok(all)
    }

    #[test]
    fn a_file_has_as_many_bytes_as_when_it_was_opened() {
        for room in [1, 2, 3, 4, 5, 8] {
            assert_eq!(read(b"abcd", 4, room).as_deref(), Ok(&b"abcd"[..]));
            for (size, how) in [(2, "grew"), (3, "grew"), (5, "shrank"), (8, "shrank")] {
                assert_eq!(
                    read(b"abcd", size, room),
                    Err(format!(
                        "m:1: source: the file {how} while it was read ({size} bytes at first); \
                         build again when nothing writes it"
                    )),
                    "{room}"
                );
            }
        }
    }
}
