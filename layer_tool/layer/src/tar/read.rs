//! The tar reader: v7, ustar, pax and GNU's ways with long names, large numbers and holes, as
//! container runtimes read them.
//!
//! Where readers differ it is as Go's and Python's: what is no file has no content, whatever its
//! size says; pax records go before GNU's long names, and those before the header. An archive ends
//! with two empty blocks, and nothing but zeros follows: one that is cut short, or of two put
//! together, is not taken for what is left of it.
//!
//! Nothing is allocated because a header says so, and what lists of entries take is limited.

use super::header::{self, Block};
use super::pax::{decimal, Pax};
use super::sparse::{self, Map};
use super::{padding, BLOCK};
use crate::image_path::{MAX_NAME, MAX_PATH};
use crate::mtree::{vis, Time};
use std::io::{self, BufReader, Read};

/// Bytes of the records of one entry.
const MAX_RECORDS: u64 = 4 << 20;

/// How much an archive may have of what takes memory or time, and few of its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Entries, which lists hold.
    pub entries: u64,
    /// Bytes of paths and targets, which lists hold.
    pub names: u64,
    /// Bytes of holes of its sparse files: what is read of zeros that nobody stored.
    pub holes: u64,
}

impl Default for Limits {
    /// More than layers have.
    fn default() -> Self {
        Self {
            entries: 4 << 20,
            names: 512 << 20,
            holes: 8 << 30,
        }
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A regular file.
    File,
    /// Another name of a file.
    HardLink,
    /// A symlink.
    Symlink,
    /// A directory.
    Dir,
    /// A character device.
    Char,
    /// A block device.
    Block,
    /// A named pipe.
    Fifo,
}

/// An entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it stands there, but without slashes at its end.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: Type,
    /// Permission bits up to 07777.
    pub mode: u32,
    /// The owner.
    pub uid: u64,
    /// The group.
    pub gid: u64,
    /// The owner's name; empty if none is there.
    pub uname: Vec<u8>,
    /// The group's name; empty if none is there.
    pub gname: Vec<u8>,
    /// Of the last change.
    pub time: Time,
    /// What a link is to.
    pub link: Option<Vec<u8>>,
    /// Bytes of a file, with holes.
    pub size: u64,
    /// Bytes of the archive before the entry: its header and the headers that are about it.
    pub offset: u64,
    /// Bytes of the archive up to the entry's end.
    pub end: u64,
}

/// Reads an archive that is not compressed, to its end. `visit` gets each entry, and its content with
/// zeros for holes: as much of it as it wants to read.
///
/// # Errors
/// It cannot be read, is damaged or cut short, or goes beyond a limit; those of `visit`.
pub fn read(
    reader: impl Read,
    limits: Limits,
    mut visit: impl FnMut(Entry, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut archive = Archive::new(reader, limits);
    while let Some(entry) = archive.next_entry()? {
        visit(entry, &mut archive)?;
    }
    Ok(())
}

/// An archive that is read once, entry by entry; its content is that of the last entry.
pub(super) struct Archive<R> {
    reader: BufReader<R>,
    limits: Limits,
    position: u64,
    /// Where the last entry ends.
    end: u64,
    /// The last entry's content that is not read yet.
    map: Map,
    extent: usize,
    at: u64,
    /// Records of global pax headers.
    global: Pax,
    entries: u64,
    names: u64,
    holes: u64,
}

/// What goes before a header and is about its entry.
#[derive(Default)]
struct Before {
    any: bool,
    pax: Option<Pax>,
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

impl<R: Read> Archive<R> {
    pub(super) fn new(reader: R, limits: Limits) -> Self {
        Self {
            reader: BufReader::with_capacity(64 << 10, reader),
            limits,
            position: 0,
            end: 0,
            map: Map::default(),
            extent: 0,
            at: 0,
            global: Pax::default(),
            entries: 0,
            names: 0,
            holes: 0,
        }
    }

    /// The next entry; None after the last, once all of the archive was read.
    ///
    /// # Errors
    /// It cannot be read, is damaged or cut short, or goes beyond a limit.
    pub(super) fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        self.skip_to(self.end)?;
        let mut offset = self.position;
        let mut before = Before::default();
        loop {
            let start = self.position;
            let block = self.block()?;
            if block == [0; BLOCK as usize] {
                if before.any {
                    return Err(wrong("its last header describes an entry that is missing"));
                }
                self.finish()?;
                return Ok(None);
            }
            if !header::is_sound(&block) {
                return Err(wrong(if start == 0 {
                    "not a tar: the sum of its first header is wrong".to_owned()
                } else {
                    format!("the sum of the header at byte {start} is wrong; write the layer again")
                }));
            }
            let flag = block[header::TYPE];
            if matches!(flag, b'x' | b'X' | b'g' | b'L' | b'K') {
                before.any |= flag != b'g';
                self.read_before(&block, flag, &mut before)
                    .map_err(|error| at(error, header::text(&block[header::NAME])))?;
                // A global header is of no entry.
                if flag == b'g' && offset == start {
                    offset = self.position;
                }
                continue;
            }
            let path = self.path(&block, &before);
            let mut entry = self
                .entry(&block, before, path.clone())
                .map_err(|error| at(error, &path))?;
            entry.offset = offset;
            entry.end = self.end;
            return Ok(Some(entry));
        }
    }

    fn read_before(&mut self, block: &Block, flag: u8, before: &mut Before) -> io::Result<()> {
        let size = field(block, header::SIZE, "size")?;
        if matches!(flag, b'L' | b'K') {
            if size > MAX_PATH as u64 + 1 {
                return Err(wrong(too_long("a path", size)));
            }
            let name = header::text(&self.bytes(size)?).to_vec();
            if flag == b'L' {
                before.path = Some(name);
            } else {
                before.link = Some(name);
            }
            return Ok(());
        }
        if size > MAX_RECORDS {
            return Err(wrong(format!(
                "a pax header of {size} bytes; leave out records, one may have {MAX_RECORDS} and \
                 a value {}",
                super::pax::MAX_VALUE
            )));
        }
        let records = self.bytes(size)?;
        if flag == b'g' {
            return self.global.add_global(&records).map_err(wrong);
        }
        let pax = before.pax.get_or_insert_with(|| self.global.clone());
        pax.add(&records).map_err(wrong)
    }

    fn path(&self, block: &Block, before: &Before) -> Vec<u8> {
        let pax = before.pax.as_ref().unwrap_or(&self.global);
        let of_pax = pax.get("GNU.sparse.name").or_else(|| pax.get("path"));
        if let Some(path) = of_pax.or(before.path.as_deref()) {
            return path.to_vec();
        }
        let name = header::text(&block[header::NAME]);
        let prefix = match &block[508..] {
            // Schilling's tar has times after a shorter prefix.
            b"tar\0" => &block[header::PREFIX][..131],
            _ => &block[header::PREFIX],
        };
        match header::text(prefix) {
            prefix if !prefix.is_empty() && block[header::MAGIC].starts_with(b"ustar\0") => {
                [prefix, b"/", name].concat()
            }
            _ => name.to_vec(),
        }
    }

    fn entry(&mut self, block: &Block, before: Before, mut path: Vec<u8>) -> io::Result<Entry> {
        let pax = before.pax.unwrap_or_else(|| self.global.clone());
        let has_slash = path.ends_with(b"/");
        while path.ends_with(b"/") {
            path.pop();
        }
        let kind = match block[header::TYPE] {
            // Before there were directories, a slash told them.
            b'0' | 0 | b'7' if has_slash => Type::Dir,
            b'0' | 0 | b'7' | b'S' => Type::File,
            b'1' => Type::HardLink,
            b'2' => Type::Symlink,
            b'3' => Type::Char,
            b'4' => Type::Block,
            b'5' => Type::Dir,
            b'6' => Type::Fifo,
            other => {
                return Err(wrong(format!(
                    "has the type {:?}, which a layer cannot have; write the layer without it",
                    char::from(other)
                )));
            }
        };
        let link = matches!(kind, Type::HardLink | Type::Symlink).then(|| {
            let of_header = || header::text(&block[header::LINK]).to_vec();
            let of_pax = pax.get("linkpath").map(<[u8]>::to_vec);
            of_pax.or(before.link).unwrap_or_else(of_header)
        });
        self.check_names(&path, link.as_deref())?;

        let owner = |keyword, range| match pax.number(keyword).map_err(wrong)? {
            Some(number) => Ok(number),
            None => field(block, range, keyword),
        };
        let (uid, gid) = (owner("uid", header::UID)?, owner("gid", header::GID)?);
        let has_names = block[header::MAGIC].starts_with(b"ustar");
        let name = |keyword, range| match pax.get(keyword) {
            Some(name) => name.to_vec(),
            None if has_names => header::text(&block[range]).to_vec(),
            None => Vec::new(),
        };
        let (uname, gname) = (name("uname", header::UNAME), name("gname", header::GNAME));
        let time = match pax.time("mtime").map_err(wrong)? {
            Some(time) => time,
            None => Time {
                seconds: header::number(&block[header::MTIME])
                    .and_then(|seconds| i64::try_from(seconds).ok())
                    .ok_or_else(|| no_number("time"))?,
                nanoseconds: 0,
            },
        };
        let mode = header::number(&block[header::MODE]).ok_or_else(|| no_number("mode"))?;

        let map = if kind == Type::File {
            let stored = owner("size", header::SIZE)?;
            self.content(block, &pax, stored)?
        } else {
            self.end = self.position;
            Map::default()
        };
        let size = map.size;
        (self.map, self.extent, self.at) = (map, 0, 0);
        Ok(Entry {
            path,
            kind,
            // Of 12 bits.
            mode: u32::try_from(mode & 0o7777).unwrap_or_default(),
            uid,
            gid,
            uname,
            gname,
            time,
            link,
            size,
            offset: 0,
            end: 0,
        })
    }

    /// Reads what tells where the content goes, of which `stored` bytes are there.
    fn content(&mut self, block: &Block, pax: &Pax, stored: u64) -> io::Result<Map> {
        let mut map = Map::whole(stored);
        let mut rest = stored;
        if block[header::TYPE] == b'S' {
            let mut more;
            (map, more) = Map::of_header(block).map_err(wrong)?;
            while more {
                let block = self.block()?;
                more = map.push_block(&block, 21, 0).map_err(wrong)?;
            }
        }
        let end = padded(stored).and_then(|size| self.position.checked_add(size));
        self.end =
            end.ok_or_else(|| wrong(format!("a size of {stored} bytes; no layer has that")))?;
        if pax.get("GNU.sparse.major") == Some(b"1") {
            let size = pax.number("GNU.sparse.realsize").map_err(wrong)?;
            let size = size.ok_or_else(|| wrong(sparse::bad()))?;
            (map, rest) = self.map_before_content(size, stored)?;
        } else if let Some(found) = Map::of_records(pax).map_err(wrong)? {
            map = found;
        }
        let holes = map.holes(rest).map_err(wrong)?;
        self.holes = self.holes.saturating_add(holes);
        let limit = self.limits.holes;
        if self.holes > limit {
            return Err(wrong(format!(
                "a sparse file of {} bytes: the holes of a layer may have {limit}; leave the \
                 file out, or make it as large as it has to be",
                map.size
            )));
        }
        Ok(map)
    }

    /// The map that is decimal lines in the blocks before the content (version 1.0), and how much
    /// of what is stored is left.
    fn map_before_content(&mut self, size: u64, stored: u64) -> io::Result<(Map, u64)> {
        let start = self.position;
        let mut map = Map {
            extents: Vec::new(),
            size,
        };
        let mut lines = Lines::default();
        let mut left = None;
        let mut offset = None;
        while left != Some(0) {
            let number = loop {
                if let Some(line) = lines.next() {
                    break decimal(&line).ok_or_else(|| wrong(sparse::bad()))?;
                }
                if lines.rest.len() > 20 || self.position - start >= stored {
                    return Err(wrong(sparse::bad()));
                }
                lines.rest.extend_from_slice(&self.block()?);
            };
            match (left, offset) {
                (None, _) => left = Some(number),
                (_, None) => offset = Some(number),
                (Some(count), Some(at)) => {
                    map.push(at, number).map_err(wrong)?;
                    (left, offset) = (Some(count - 1), None);
                }
            }
        }
        let rest = stored.checked_sub(self.position - start);
        Ok((map, rest.ok_or_else(|| wrong(sparse::bad()))?))
    }

    /// Refuses names that no system takes, and more of them than lists may hold.
    fn check_names(&mut self, path: &[u8], link: Option<&[u8]>) -> io::Result<()> {
        for (what, name) in [("a path", Some(path)), ("a target", link)] {
            let name = name.unwrap_or_default();
            if name.len() > MAX_PATH {
                return Err(wrong(too_long(what, name.len() as u64)));
            }
            if name.contains(&0) {
                return Err(wrong(format!("{what} with a NUL byte; rename it")));
            }
        }
        let longest = path.split(|&byte| byte == b'/').map(<[u8]>::len).max();
        if let Some(length) = longest.filter(|&length| length > MAX_NAME) {
            return Err(wrong(format!(
                "a name of {length} bytes; shorten it, one may have {MAX_NAME}"
            )));
        }
        self.entries += 1;
        self.names += (path.len() + link.map_or(0, <[u8]>::len)) as u64;
        let Limits { entries, names, .. } = self.limits;
        if self.entries > entries || self.names > names {
            return Err(wrong(format!(
                "too many entries; split the layer, one may have {entries} with {names} \
                 bytes of paths"
            )));
        }
        Ok(())
    }

    /// Reads what follows the first of the blocks that end an archive.
    fn finish(&mut self) -> io::Result<()> {
        let mut second = Vec::new();
        self.reader.by_ref().take(BLOCK).read_to_end(&mut second)?;
        if second.len() < BLOCK as usize {
            return Err(no_end());
        }
        let mut rest = second.as_slice().chain(&mut self.reader);
        let mut buffer = [0; 8 << 10];
        loop {
            match rest.read(&mut buffer)? {
                0 => return Ok(()),
                count if buffer[..count].iter().all(|&byte| byte == 0) => {}
                _ => {
                    return Err(wrong(
                        "something follows the end of the archive; readers do not see it, so \
                         write one archive, and nothing after it",
                    ));
                }
            }
        }
    }

    fn block(&mut self) -> io::Result<Block> {
        let mut bytes = Vec::with_capacity(BLOCK as usize);
        self.reader.by_ref().take(BLOCK).read_to_end(&mut bytes)?;
        let start = self.position;
        self.position += bytes.len() as u64;
        match (Block::try_from(bytes), start, self.position) {
            (Ok(block), ..) => Ok(block),
            (_, 0, 0) => Err(cut("it is empty, so it is not a tar")),
            (_, 0, _) => Err(cut("not a tar: shorter than a header")),
            (_, start, end) if start == end => Err(no_end()),
            _ => Err(cut("it is cut short: a header ends early")),
        }
    }

    /// Reads a few bytes and their padding.
    fn bytes(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let end = self.position + size + padding(size) as u64;
        // Grows by what is there, not by what should be.
        let mut bytes = Vec::new();
        self.reader.by_ref().take(size).read_to_end(&mut bytes)?;
        self.position += bytes.len() as u64;
        self.skip_to(end)?;
        Ok(bytes)
    }

    fn skip_to(&mut self, end: u64) -> io::Result<()> {
        let size = end.saturating_sub(self.position);
        let skipped = io::copy(&mut self.reader.by_ref().take(size), &mut io::sink())?;
        self.position += skipped;
        if skipped < size {
            return Err(cut("it is cut short: the content of an entry ends early"));
        }
        Ok(())
    }
}

/// The content of the last entry, with zeros for its holes.
impl<R: Read> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let data = loop {
            match self.map.extents.get(self.extent) {
                Some(&(offset, size)) if self.at >= offset + size => self.extent += 1,
                extent => break extent,
            }
        };
        let (end, is_hole) = match data {
            Some(&(offset, size)) if self.at >= offset => (offset + size, false),
            Some(&(offset, _)) => (offset, true),
            None => (self.map.size, true),
        };
        let left = usize::try_from(end - self.at).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let buffer = &mut buffer[..length];
        let count = if is_hole {
            buffer.fill(0);
            buffer.len()
        } else {
            let count = self.reader.read(buffer)?;
            if count == 0 && !buffer.is_empty() {
                return Err(cut("it is cut short: the content of an entry ends early"));
            }
            self.position += count as u64;
            count
        };
        self.at += count as u64;
        Ok(count)
    }
}

/// Lines that come in blocks.
#[derive(Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Iterator for Lines {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let end = self.rest.iter().position(|&byte| byte == b'\n')?;
        let line = self.rest[..end].to_vec();
        self.rest.drain(..=end);
        Some(line)
    }
}

fn padded(size: u64) -> Option<u64> {
    size.checked_next_multiple_of(BLOCK)
}

fn field(block: &Block, range: std::ops::Range<usize>, what: &str) -> io::Result<u64> {
    header::number(&block[range])
        .and_then(|value| u64::try_from(value).ok())
        .ok_or_else(|| no_number(what))
}

fn no_number(what: &str) -> io::Error {
    wrong(format!(
        "a {what} that is not a number; write the layer again"
    ))
}

fn too_long(what: &str, length: u64) -> String {
    format!("{what} of {length} bytes; shorten it, one may have {MAX_PATH}")
}

fn wrong(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.into())
}

fn cut(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, problem)
}

fn no_end() -> io::Error {
    cut("the two empty blocks that end an archive are missing; it may be cut short")
}

/// Names the entry, or as much of its path as a line takes.
fn at(error: io::Error, path: &[u8]) -> io::Error {
    let shown = &path[..path.len().min(MAX_NAME)];
    let dots = if shown.len() < path.len() { "..." } else { "" };
    io::Error::new(
        error.kind(),
        format!("entry {}{dots}: {error}", vis::escape(shown)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{encode_header, Kind, END};
    use super::*;
    use crate::entry::{Attributes, Body};
    use crate::error::Location;
    use crate::image_path::ImagePath;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::path::Path;
    use std::sync::Arc;

    fn name() -> impl Strategy<Value = Vec<u8>> {
        let short = vec(1_u8.., 1..9);
        let long = (1_u8.., 1_usize..=MAX_NAME).prop_map(|(byte, length)| vec![byte; length]);
        prop_oneof![short, long].prop_filter("a name", |name| {
            !name.contains(&b'/') && !name.starts_with(b".")
        })
    }

    fn path() -> impl Strategy<Value = Vec<u8>> {
        vec(name(), 1..6).prop_map(|names| names.join(&b'/'))
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0..3_000_000_u64, any::<u64>()]
    }

    prop_compose! {
        fn attributes()(
            mode in 0..=0o7777_u32,
            uid in number(),
            gid in number(),
            uname in vec(1_u8.., 0..40),
            gname in vec(1_u8.., 0..40),
            seconds in prop_oneof![-9_i64..9, -(1_i64 << 50)..(1 << 50)],
            nanoseconds in prop_oneof![Just(0), 0..1_000_000_000_u32],
        ) -> Attributes {
            Attributes { mode, uid, gid, uname, gname, time: Time { seconds, nanoseconds } }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            entries in vec((path(), attributes(), 0..4_usize, path(), vec(any::<u8>(), 0..2000)), 0..6),
        ) {
            let mut bytes = Vec::new();
            for (path, attributes, kind, target, content) in &entries {
                let entry = crate::entry::Entry {
                    path: ImagePath::new(path).expect("a path"),
                    attributes: Arc::new(attributes.clone()),
                    body: Body::Dir,
                    parent_of: None,
                    dmode: 0o755,
                    location: Location::new(Path::new("m"), 1),
                };
                let kind = match kind {
                    0 => Kind::Dir,
                    1 => Kind::Symlink(target),
                    2 => Kind::HardLink(target),
                    _ => Kind::File(content.len() as u64),
                };
                encode_header("", &entry, kind, &mut bytes);
                if let Kind::File(size) = kind {
                    bytes.extend_from_slice(content);
                    bytes.resize(bytes.len() + padding(size), 0);
                }
            }
            bytes.extend_from_slice(&END);

            let mut archive = Archive::new(&bytes[..], Limits::default());
            for (path, attributes, kind, target, content) in entries {
                let entry = archive.next_entry().expect("a header").expect("an entry");
                let mut found = Vec::new();
                archive.read_to_end(&mut found).expect("its content");
                let kinds = [Type::Dir, Type::Symlink, Type::HardLink, Type::File];
                let is_link = matches!(kind, 1 | 2);
                prop_assert_eq!((entry.path, entry.kind), (path, kinds[kind]));
                prop_assert_eq!(entry.link, is_link.then_some(target));
                prop_assert_eq!(found, if kind == 3 { content } else { Vec::new() });
                let (mode, uid, gid, time) = (entry.mode, entry.uid, entry.gid, entry.time);
                let (uname, gname) = (entry.uname, entry.gname);
                prop_assert_eq!(Attributes { mode, uid, gid, uname, gname, time }, attributes);
            }
            prop_assert_eq!(archive.next_entry().expect("an end"), None);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Archive::new(&bytes[..], Limits::default()).next_entry();
        }
    }

    fn header_of(kind: Kind<'_>) -> Vec<u8> {
        let entry = crate::entry::Entry {
            path: ImagePath::new(b"a").expect("a path"),
            attributes: Arc::default(),
            body: Body::Dir,
            parent_of: None,
            dmode: 0o755,
            location: Location::new(Path::new("m"), 1),
        };
        let mut bytes = Vec::new();
        encode_header("", &entry, kind, &mut bytes);
        bytes
    }

    #[test]
    fn lists_have_an_end() {
        let bytes = header_of(Kind::Symlink(b"bc")).repeat(3);
        for (entries, names) in [(2, 100), (100, 6)] {
            let limits = Limits {
                entries,
                names,
                holes: 0,
            };
            let mut seen = 0;
            let error = read(&bytes[..], limits, |_, _| {
                seen += 1;
                Ok(())
            })
            .expect_err("one too many");
            assert_eq!(seen, 2);
            assert_eq!(
                error.to_string(),
                format!(
                    "entry a: too many entries; split the layer, one may have {entries} with \
                     {names} bytes of paths"
                )
            );
        }
    }

    #[test]
    fn content_that_ends_early_is_none() {
        let bytes = [&header_of(Kind::File(7))[..], b"123"].concat();
        let mut archive = Archive::new(&bytes[..], Limits::default());
        archive.next_entry().expect("a header");
        let error = archive.read_to_end(&mut Vec::new()).expect_err("no end");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        // Nor is that an error of who has no room for more.
        assert_eq!(archive.read(&mut []).expect("nothing"), 0);
    }
}
