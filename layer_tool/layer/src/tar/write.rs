//! The tar encoder: ustar (POSIX.1-1988), and pax records (POSIX.1-2001) only for what
//! ustar cannot say. Of the ways in which ustar may be written this is libarchive's, so that a
//! layer has the bytes that bsdtar gives it of a sorted manifest.

use super::header::{self, Block};
use super::{padding, BLOCK};
use crate::entry::Entry;
use crate::mtree::Time;
const MAX_ID: u64 = 0o777_777;
const MAX_SIZE: u64 = 0o77_777_777_777;
const MAX_SECONDS: i64 = 0o77_777_777_777;
const MAX_NAME: usize = 100;
const MAX_PREFIX: usize = 155;
const MAX_LINK: usize = 100;
const MAX_OWNER_NAME: usize = 31;

/// What an entry is in an archive, once its source was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A directory.
    Dir,
    /// A symlink and its target.
    Symlink(&'a [u8]),
    /// A regular file of some bytes.
    File(u64),
    /// Another name of the file at a path.
    HardLink(&'a [u8]),
}

/// Appends the header of an entry, preceded by a pax header where one is needed. `root` is how
/// the root of the image is spelled: empty or `./`.
pub fn encode_header(root: &str, entry: &Entry, kind: Kind<'_>, out: &mut Vec<u8>) {
    let attributes = &entry.attributes;
    let mut path = [root.as_bytes(), &entry.path].concat();
    let (kind, size, link, long_link): (_, _, &[u8], &[u8]) = match kind {
        Kind::Dir => {
            path.push(b'/');
            (b'5', 0, b"", b"")
        }
        Kind::Symlink(target) => (b'2', 0, target, b"././@LongSymLink"),
        Kind::HardLink(target) => (b'1', 0, target, b"././@LongHardLink"),
        Kind::File(size) => (b'0', size, b"", b""),
    };

    let mut pax = Pax::default();
    let path = pax.path(path);
    let link = pax.text("linkpath", link, MAX_LINK, long_link);
    let gid = pax.number("gid", attributes.gid, MAX_ID);
    let gname = pax.name("gname", &attributes.gname);
    let uid = pax.number("uid", attributes.uid, MAX_ID);
    let uname = pax.name("uname", &attributes.uname);
    let time = pax.time("mtime", attributes.time);
    let size = pax.number("size", size, MAX_SIZE);

    let mut block: Block = [0; BLOCK as usize];
    octal(&mut block[header::MODE], b" \0", u64::from(attributes.mode));
    octal(&mut block[header::UID], b" \0", uid);
    octal(&mut block[header::GID], b" \0", gid);
    octal(&mut block[header::MTIME], b" ", time);
    block[header::MAGIC].copy_from_slice(header::USTAR);
    octal(&mut block[header::MAJOR], b" \0", 0);
    octal(&mut block[header::MINOR], b" \0", 0);
    block[header::UNAME][..uname.len()].copy_from_slice(uname);
    block[header::GNAME][..gname.len()].copy_from_slice(gname);
    if !pax.records.is_empty() {
        pax.encode(&block, attributes.mode, &path, out);
    }
    block[header::TYPE] = kind;
    octal(&mut block[header::SIZE], b" ", size);
    block[header::LINK][..link.len()].copy_from_slice(link);
    set_path(&mut block, &path);
    checksum(&mut block);
    out.extend_from_slice(&block);
}

/// The sum of a header's bytes, with spaces in the place of the sum.
fn checksum(block: &mut Block) {
    block[header::CHECKSUM].fill(b' ');
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    octal(&mut block[header::CHECKSUM], b"\0 ", sum);
}

/// Fills a field with octal digits and what ends them; `value` fits in.
fn octal(field: &mut [u8], end: &[u8], mut value: u64) {
    let (digits, rest) = field.split_at_mut(field.len() - end.len());
    rest.copy_from_slice(end);
    for digit in digits.iter_mut().rev() {
        // One of eight.
        *digit = b'0' + (value & 7) as u8;
        value >>= 3;
    }
}

/// Where the prefix of a path ends, whose name is as long as it can be and not empty: the slash
/// there stands in neither field. None if they do not take it.
fn split(path: &[u8]) -> Option<usize> {
    let from = path.len().checked_sub(MAX_NAME + 1)?;
    let at = (from.max(1)..path.len() - 1).find(|&at| path[at] == b'/')?;
    (at <= MAX_PREFIX).then_some(at)
}

fn set_path(block: &mut Block, path: &[u8]) {
    let mut name = path;
    if let Some(at) = split(path) {
        block[header::PREFIX][..at].copy_from_slice(&path[..at]);
        name = &path[at + 1..];
    }
    let length = name.len().min(MAX_NAME);
    block[header::NAME][..length].copy_from_slice(&name[..length]);
}

/// What ustar says of a path for a reader that does not know pax: of its directories and then of
/// its name as much as goes, with `insert` between them.
fn shorten(path: &[u8], insert: &[u8]) -> Vec<u8> {
    if insert.is_empty() && path.len() < MAX_NAME {
        return path.to_vec();
    }
    let (path, slash): (_, &[u8]) = match path.strip_suffix(b"/") {
        Some(path) => (path, b"/"),
        None => (path, b""),
    };
    let inserted = insert.len() + usize::from(!insert.is_empty());
    let mut room = MAX_NAME - 2 - slash.len() - inserted;
    let (directories, name) = path.split_at(directories_within(path, path.len()));
    let name = &name[..name.len().min(room)];
    room -= name.len();
    let (prefix, directories) =
        directories.split_at(directories_within(directories, MAX_PREFIX - 1));
    let suffix = &directories[..directories_within(directories, room)];
    [prefix, suffix, insert, name, slash].concat()
}

/// Bytes of the directories at the beginning of a path whose last slash is at most at `limit`.
fn directories_within(path: &[u8], limit: usize) -> usize {
    let path = &path[..path.len().min(limit + 1)];
    let slash = path.iter().rposition(|&byte| byte == b'/');
    slash.map_or(0, |at| at + 1)
}

/// Whether bytes stand in ustar's fields as they are: ASCII, and what is no text at all. Pax
/// records are UTF-8, so readers take other bytes better from ustar.
fn in_ustar(bytes: &[u8]) -> bool {
    bytes.is_ascii() || std::str::from_utf8(bytes).is_err()
}

#[derive(Default)]
struct Pax {
    records: Vec<u8>,
    /// Whether the records say that not all of them are UTF-8.
    binary: bool,
}

impl Pax {
    /// `LENGTH KEYWORD=VALUE\n`, where the length counts its own digits.
    fn record(&mut self, keyword: &str, value: &[u8]) {
        let rest = 1 + keyword.len() + 1 + value.len() + 1;
        let mut length = rest;
        while rest + length.to_string().len() != length {
            length = rest + length.to_string().len();
        }
        if std::str::from_utf8(value).is_err() && !self.binary {
            self.binary = true;
            self.record("hdrcharset", b"BINARY");
        }
        self.records
            .extend_from_slice(format!("{length} {keyword}=").as_bytes());
        self.records.extend_from_slice(value);
        self.records.push(b'\n');
    }

    /// What ustar's fields for the path get.
    fn path(&mut self, path: Vec<u8>) -> Vec<u8> {
        if in_ustar(&path) && (path.len() <= MAX_NAME || split(&path).is_some()) {
            return path;
        }
        self.record("path", &path);
        shorten(&path, b"")
    }

    /// What a field of `max` bytes gets, which is `long` in the place of more.
    fn text<'a>(&mut self, keyword: &str, value: &'a [u8], max: usize, long: &'a [u8]) -> &'a [u8] {
        if value.len() > max || !in_ustar(value) {
            self.record(keyword, value);
        }
        if value.len() > max {
            long
        } else {
            value
        }
    }

    /// What a field for the name of an owner gets.
    fn name<'a>(&mut self, keyword: &str, value: &'a [u8]) -> &'a [u8] {
        let cut = &value[..value.len().min(MAX_OWNER_NAME)];
        self.text(keyword, value, MAX_OWNER_NAME, cut)
    }

    /// What a field for a number gets.
    fn number(&mut self, keyword: &str, value: u64, max: u64) -> u64 {
        if value > max {
            self.record(keyword, value.to_string().as_bytes());
        }
        value.min(max)
    }

    /// What a field for a time gets.
    fn time(&mut self, keyword: &str, time: Time) -> u64 {
        let seconds = time.seconds.clamp(0, MAX_SECONDS);
        if seconds != time.seconds || time.nanoseconds > 0 {
            let mut text = time.seconds.to_string();
            if time.nanoseconds > 0 {
                // Nanoseconds count forward also before the epoch: -1.25 is a quarter before -1.
                let nanoseconds =
                    i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanoseconds);
                let sign = if time.seconds < 0 { "-" } else { "" };
                let absolute = nanoseconds.unsigned_abs();
                text = format!(
                    "{sign}{}.{:09}",
                    absolute / 1_000_000_000,
                    absolute % 1_000_000_000
                );
            }
            self.record(keyword, text.as_bytes());
        }
        seconds.unsigned_abs()
    }

    /// The pax header proper, of the same owner and time as the entry.
    fn encode(&self, entry: &Block, mode: u32, path: &[u8], out: &mut Vec<u8>) {
        let mut block = *entry;
        block[header::TYPE] = b'x';
        let size = self.records.len() as u64;
        octal(&mut block[header::MODE], b" \0", u64::from(mode & 0o777));
        octal(&mut block[header::SIZE], b" ", size);
        let path = path.strip_suffix(b"/").unwrap_or(path);
        set_path(&mut block, &shorten(path, b"PaxHeader/"));
        checksum(&mut block);
        out.extend_from_slice(&block);
        out.extend_from_slice(&self.records);
        out.resize(out.len() + padding(size), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::{Archive, Limits};
    use super::*;
    use crate::entry::Body;
    use crate::error::Location;
    use crate::image_path::ImagePath;
    use std::path::Path;
    use std::sync::Arc;

    fn encode(path: &[u8], kind: Kind<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let entry = Entry {
            path: ImagePath::new(path).expect("a path"),
            attributes: Arc::default(),
            body: Body::Dir,
            parent_of: None,
            dmode: 0o755,
            location: Location::new(Path::new("m"), 1),
        };
        encode_header("", &entry, kind, &mut bytes);
        bytes
    }

    /// Path, target and size as a reader has them, and the pax keywords.
    fn read(header: &[u8]) -> (Vec<u8>, Vec<u8>, u64, Vec<String>) {
        let mut archive = Archive::new(header, Limits::default());
        let entry = archive.next_entry().expect("a header").expect("an entry");
        let mut records = match header[header::TYPE] {
            b'x' => &header[BLOCK as usize..],
            _ => b"",
        };
        let mut keywords = Vec::new();
        while let Some(space) = records.iter().take(9).position(|&byte| byte == b' ') {
            let length = std::str::from_utf8(&records[..space]).expect("digits");
            let (record, rest) = records.split_at(length.parse().expect("a length"));
            let keyword = record[space + 1..].split(|&byte| byte == b'=').next();
            keywords.push(String::from_utf8(keyword.expect("one").to_vec()).expect("text"));
            records = rest;
        }
        (
            entry.path,
            entry.link.unwrap_or_default(),
            entry.size,
            keywords,
        )
    }

    /// As bsdtar has it: all of a name that is shorter than the field, and of others some less.
    #[test]
    fn ustar_has_what_goes_of_a_name() {
        for (length, kept) in [(98, 98), (99, 99), (100, 98), (101, 98), (200, 98)] {
            let name = format!("\u{e9}{}", "n".repeat(length - 2));
            let entry = encode(name.as_bytes(), Kind::File(0));
            let ustar = &entry[entry.len() - BLOCK as usize..];
            let shown = header::text(&ustar[header::NAME]);
            assert_eq!(shown, &name.as_bytes()[..kept], "{length}");
            assert_eq!(header::text(&ustar[header::PREFIX]), b"");
        }
    }

    #[test]
    fn pax_only_where_ustar_cannot_say_it() {
        let long = |parts: &[usize]| {
            let parts: Vec<_> = parts.iter().map(|&length| vec![b'n'; length]).collect();
            parts.join(&b'/')
        };
        let not_text = [&[0xff; 101][..], b"/x"].concat();
        for (path, keywords) in [
            (long(&[100]), &[][..]),
            (long(&[101]), &["path"]),
            (long(&[155, 100]), &[]),
            (long(&[156, 99]), &["path"]),
            (long(&[154, 101]), &["path"]),
            ("d\u{e9}j\u{e0}".into(), &["path"]),
            (b"not text \xff".to_vec(), &[]),
            (not_text, &[]),
            (vec![0xff; 101], &["hdrcharset", "path"]),
        ] {
            let (read_path, _, _, read_keywords) = read(&encode(&path, Kind::File(0)));
            assert_eq!(read_path, path);
            assert_eq!(read_keywords, keywords, "{}", path.escape_ascii());
        }
        for (size, keywords) in [(MAX_SIZE, &[][..]), (MAX_SIZE + 1, &["size"])] {
            let (_, _, read_size, read_keywords) = read(&encode(b"f", Kind::File(size)));
            assert_eq!(read_size, size);
            assert_eq!(read_keywords, keywords);
        }
        for (target, keywords) in [
            (long(&[100]), &[][..]),
            (long(&[101]), &["linkpath"]),
            (vec![0xff; 100], &[]),
            (vec![0xff; 101], &["hdrcharset", "linkpath"]),
        ] {
            for kind in [Kind::Symlink(&target), Kind::HardLink(&target)] {
                let (_, read_target, _, read_keywords) = read(&encode(b"l", kind));
                assert_eq!(read_target, target);
                assert_eq!(read_keywords, keywords);
            }
        }
    }
}
