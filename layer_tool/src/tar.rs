//! The tar encoder: ustar (POSIX.1-1988), and pax records (POSIX.1-2001) only for what
//! ustar cannot say.
//!
//! The `tar` crate's builder would write GNU long names instead, so it only gives the
//! header's layout and checksum here.

use crate::entry::Entry;
use tar::{EntryType, Header};

/// Blocks of headers and padding.
pub const BLOCK: u64 = 512;

/// Two empty blocks end an archive. No padding to a record of 10 KiB follows: that is for
/// tapes, readers do not ask for it, and it would be most of a small layer.
pub const END: [u8; 2 * BLOCK as usize] = [0; 2 * BLOCK as usize];

const MAX_ID: u64 = 0o7_777_777;
const MAX_SIZE: u64 = 0o77_777_777_777;
const MAX_SECONDS: i64 = 0o77_777_777_777;
const MAX_LINK: usize = 100;
const MAX_OWNER_NAME: usize = 32;

/// Bytes of zeros that follow `size` bytes of content.
#[must_use]
pub fn padding(size: u64) -> usize {
    // Less than a block.
    usize::try_from(size.wrapping_neg() % BLOCK).unwrap_or_default()
}

/// What an entry is in an archive, once its source was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A folder.
    Dir,
    /// A symlink and its target.
    Symlink(&'a [u8]),
    /// A regular file of some bytes.
    File(u64),
    /// Another name of the file at a path.
    HardLink(&'a [u8]),
}

/// Appends the header of an entry, preceded by a pax header where one is needed.
pub fn encode_header(entry: &Entry, kind: Kind<'_>, out: &mut Vec<u8>) {
    let attributes = &entry.attributes;
    let mut path = entry.path.clone();
    let (kind, size, link): (_, _, &[u8]) = match kind {
        Kind::Dir => {
            path.push(b'/');
            (EntryType::Directory, 0, b"")
        }
        Kind::Symlink(target) => (EntryType::Symlink, 0, target),
        Kind::HardLink(target) => (EntryType::Link, 0, target),
        Kind::File(size) => (EntryType::Regular, size, b""),
    };

    let mut pax = Pax::default();
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);

    set_path(&mut header, &path, &mut pax);
    let time = mtime(entry, &mut pax);
    if let Some(ustar) = header.as_ustar_mut() {
        octal(&mut ustar.mode, u64::from(attributes.mode));
        octal(&mut ustar.uid, pax.number("uid", attributes.uid, MAX_ID));
        octal(&mut ustar.gid, pax.number("gid", attributes.gid, MAX_ID));
        octal(&mut ustar.size, pax.number("size", size, MAX_SIZE));
        octal(&mut ustar.mtime, time);
        pax.bytes("linkpath", link, &mut ustar.linkname, MAX_LINK);
        pax.bytes(
            "uname",
            &attributes.uname,
            &mut ustar.uname,
            MAX_OWNER_NAME - 1,
        );
        pax.bytes(
            "gname",
            &attributes.gname,
            &mut ustar.gname,
            MAX_OWNER_NAME - 1,
        );
    }
    header.set_cksum();

    if !pax.records.is_empty() {
        pax.encode(out);
    }
    out.extend_from_slice(header.as_bytes());
}

/// Fills a field with octal digits and the NUL that ends them; `value` fits in.
fn octal(field: &mut [u8], mut value: u64) {
    let Some((end, digits)) = field.split_last_mut() else {
        return;
    };
    *end = 0;
    for digit in digits.iter_mut().rev() {
        // One of eight.
        *digit = b'0' + (value & 7) as u8;
        value >>= 3;
    }
}

/// The last bytes of a path that the name field takes, after the prefix and a slash.
fn set_path(header: &mut Header, path: &[u8], pax: &mut Pax) {
    let Some(ustar) = header.as_ustar_mut() else {
        return;
    };
    if path.len() <= ustar.name.len() && in_ustar(path) {
        ustar.name[..path.len()].copy_from_slice(path);
        return;
    }
    if in_ustar(path) {
        // The slash between the two fields stands in neither, and the name is not empty.
        let split = (0..path.len() - 1).rev().find(|&at| {
            path[at] == b'/'
                && at > 0
                && at <= ustar.prefix.len()
                && path.len() - at - 1 <= ustar.name.len()
        });
        if let Some(at) = split {
            ustar.prefix[..at].copy_from_slice(&path[..at]);
            let name = &path[at + 1..];
            ustar.name[..name.len()].copy_from_slice(name);
            return;
        }
    }
    pax.record("path", path);
    // What a reader without pax sees.
    let length = path.len().min(ustar.name.len());
    ustar.name[..length].copy_from_slice(&path[..length]);
}

fn mtime(entry: &Entry, pax: &mut Pax) -> u64 {
    let time = entry.attributes.time;
    let in_ustar = (0..=MAX_SECONDS).contains(&time.seconds);
    if !in_ustar || time.nanoseconds > 0 {
        let mut text = time.seconds.to_string();
        if time.nanoseconds > 0 {
            // Nanoseconds count forward also before the epoch: -1.25 is a quarter before -1.
            let nanoseconds =
                i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanoseconds);
            let sign = if nanoseconds < 0 { "-" } else { "" };
            let absolute = nanoseconds.unsigned_abs();
            text = format!(
                "{sign}{}.{:09}",
                absolute / 1_000_000_000,
                absolute % 1_000_000_000
            );
        }
        pax.record("mtime", text.as_bytes());
    }
    if in_ustar {
        time.seconds.unsigned_abs()
    } else {
        0
    }
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
        let mut length = rest + 1;
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

    /// Fills a field with what it takes, and records the rest.
    fn bytes(&mut self, keyword: &str, value: &[u8], field: &mut [u8], max: usize) {
        let length = value.len().min(max);
        field[..length].copy_from_slice(&value[..length]);
        if value.len() > max || !in_ustar(value) {
            self.record(keyword, value);
        }
    }

    fn number(&mut self, keyword: &str, value: u64, max: u64) -> u64 {
        if value > max {
            self.record(keyword, value.to_string().as_bytes());
            return 0;
        }
        value
    }

    /// The pax header proper. Its name is one for all: it is for people who look at it with
    /// a reader that does not know pax.
    fn encode(&self, out: &mut Vec<u8>) {
        const NAME: &[u8] = b"././@PaxHeader";
        let mut header = Header::new_ustar();
        if let Some(ustar) = header.as_ustar_mut() {
            ustar.name[..NAME.len()].copy_from_slice(NAME);
        }
        header.set_entry_type(EntryType::XHeader);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        let size = self.records.len() as u64;
        header.set_size(size);
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(&self.records);
        out.resize(out.len() + padding(size), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Body;
    use crate::error::Place;
    use std::path::Path;
    use std::sync::Arc;

    fn encode(path: &[u8], kind: Kind<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let entry = Entry {
            path: path.to_vec(),
            attributes: Arc::default(),
            body: Body::Dir,
            parent_of: None,
            dmode: 0o755,
            place: Place {
                manifest: Arc::from(Path::new("m")),
                line: 1,
            },
        };
        encode_header(&entry, kind, &mut bytes);
        bytes
    }

    /// Path, target and size as a reader has them, and the pax keywords.
    fn read(mut bytes: Vec<u8>) -> (Vec<u8>, Vec<u8>, u64, Vec<String>) {
        bytes.extend_from_slice(&END);
        let mut archive = ::tar::Archive::new(&bytes[..]);
        let mut entry = archive
            .entries()
            .expect("entries")
            .next()
            .expect("an entry")
            .expect("a header");
        let keywords = entry
            .pax_extensions()
            .expect("pax")
            .into_iter()
            .flatten()
            .map(|record| record.expect("a record").key().expect("text").to_owned())
            .collect();
        (
            entry.path_bytes().into_owned(),
            entry.link_name_bytes().unwrap_or_default().into_owned(),
            entry.size(),
            keywords,
        )
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
            let (read_path, _, _, read_keywords) = read(encode(&path, Kind::File(0)));
            assert_eq!(read_path, path);
            assert_eq!(read_keywords, keywords, "{}", path.escape_ascii());
        }
        for (size, keywords) in [(MAX_SIZE, &[][..]), (MAX_SIZE + 1, &["size"])] {
            let (_, _, read_size, read_keywords) = read(encode(b"f", Kind::File(size)));
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
                let (_, read_target, _, read_keywords) = read(encode(b"l", kind));
                assert_eq!(read_target, target);
                assert_eq!(read_keywords, keywords);
            }
        }
    }
}
