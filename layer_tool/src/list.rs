//! Lists a layer: the form that people read and golden tests compare.

use crate::compress::Compression;
use crate::error::{Error, Result};
use crate::mtree::{self, vis, Keywords, Kind, Record, Time};
use clap::ValueEnum;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use tar::EntryType;

/// How to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line an entry, as `ls -l` has it, unprintable bytes escaped.
    Text,
    /// An array of objects.
    Json,
    /// mtree(5), without the contents.
    Mtree,
}

/// What stands in a layer under one path.
#[derive(Clone, Debug, Serialize)]
struct Listed {
    path: String,
    #[serde(rename = "type")]
    kind: &'static str,
    mode: String,
    uid: u64,
    gid: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    uname: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    gname: String,
    size: u64,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip)]
    record: Record,
}

/// Lists the layer at `path` (`-`: standard input) of any compression.
///
/// # Errors
/// It cannot be read, or is no tar of files, folders and links; `out` fails.
pub fn list(path: &Path, format: Format, out: &mut impl Write) -> Result<()> {
    let listed = read(path)?;
    match format {
        Format::Text => listed.iter().try_for_each(|entry| text(entry, out)),
        Format::Json => serde_json::to_writer_pretty(&mut *out, &listed)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
        Format::Mtree => mtree::write(out, listed.iter().map(|entry| &entry.record)),
    }
    .and_then(|()| out.flush())
    .map_err(Error::io("write", Path::new("standard output")))
}

fn read(path: &Path) -> Result<Vec<Listed>> {
    let error = Error::io("list", path);
    if path == Path::new("-") {
        return entries(decompress(io::stdin().lock())).map_err(error);
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    entries(decompress(BufReader::new(file))).map_err(error)
}

/// The compression by a layer's first bytes (RFC 1952, RFC 8878).
#[must_use]
pub fn compression(start: &[u8]) -> Compression {
    if start.starts_with(&[0x1f, 0x8b]) {
        Compression::Gzip
    } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Compression::Zstd
    } else {
        Compression::None
    }
}

/// The tar of a layer of any compression.
///
/// # Errors
/// It cannot be read.
pub fn decompress<'a>(mut layer: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match compression(layer.fill_buf()?) {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(layer)),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(layer)?),
        Compression::None => Box::new(layer),
    })
}

fn entries(layer: io::Result<Box<dyn Read + '_>>) -> io::Result<Vec<Listed>> {
    let mut archive = tar::Archive::new(Zeros::of(layer?));
    let mut end = 0;
    let listed = archive
        .entries()?
        .map(|entry| {
            let mut entry = entry?;
            let size = if entry.header().entry_type() == EntryType::Regular {
                entry.size()
            } else {
                0
            };
            end = entry.raw_file_position() + size.next_multiple_of(crate::tar::BLOCK);
            listed(&mut entry)
        })
        .collect::<io::Result<Vec<_>>>()?;
    whole(archive, end)?;
    Ok(listed)
}

/// Reads what follows the last entry, which ends at `end`.
///
/// # Errors
/// The archive does not end there: it is cut short, or a checksum does not fit.
pub fn whole<R: Read>(archive: tar::Archive<Zeros<R>>, end: u64) -> io::Result<()> {
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink())?;
    if rest.read < end + crate::tar::END.len() as u64 || rest.zeros < rest.read - end {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the two empty blocks that end an archive are missing; it may be cut short",
        ));
    }
    Ok(())
}

/// A reader that counts what was read, and the zeros at its end.
pub struct Zeros<R> {
    reader: R,
    read: u64,
    zeros: u64,
}

impl<R> Zeros<R> {
    /// Counts from now on.
    pub fn of(reader: R) -> Self {
        Self {
            reader,
            read: 0,
            zeros: 0,
        }
    }
}

impl<R: Read> Read for Zeros<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let zeros = buffer[..count]
            .iter()
            .rev()
            .take_while(|&&byte| byte == 0)
            .count();
        self.read += count as u64;
        self.zeros = if zeros == count { self.zeros } else { 0 } + zeros as u64;
        Ok(count)
    }
}

fn listed(entry: &mut tar::Entry<'_, impl Read>) -> io::Result<Listed> {
    let header = entry.header();
    let kind = header.entry_type();
    let mut keywords = Keywords {
        mode: Some(header.mode()? & 0o7777),
        uid: Some(header.uid()?),
        gid: Some(header.gid()?),
        uname: named(header.username_bytes()),
        gname: named(header.groupname_bytes()),
        time: Some(Time {
            seconds: i64::try_from(header.mtime()?).map_err(io::Error::other)?,
            nanoseconds: 0,
        }),
        link: entry.link_name_bytes().map(|target| target.into_owned()),
        ..Keywords::default()
    };
    pax(entry, &mut keywords)?;
    let mut path = entry.path_bytes().into_owned();
    if path.ends_with(b"/") {
        path.pop();
    }
    let (name, mtree_kind) = match kind {
        EntryType::Regular => ("file", Kind::File),
        EntryType::Directory => ("dir", Kind::Dir),
        EntryType::Symlink => ("symlink", Kind::Link),
        // mtree(5) has no hard links.
        EntryType::Link => ("hardlink", Kind::File),
        other => {
            return Err(io::Error::other(format!(
                "entry {} has type {other:?}, which no layer of ours holds",
                vis::escape(&path)
            )));
        }
    };
    keywords.kind = Some(mtree_kind);
    keywords.size = (kind == EntryType::Regular).then(|| entry.size());
    let text = |bytes: &Option<Vec<u8>>| vis::escape(bytes.as_deref().unwrap_or_default());
    let result = Listed {
        path: vis::escape(&path),
        kind: name,
        mode: format!("{:04o}", keywords.mode.unwrap_or_default()),
        uid: keywords.uid.unwrap_or_default(),
        gid: keywords.gid.unwrap_or_default(),
        uname: text(&keywords.uname),
        gname: text(&keywords.gname),
        size: keywords.size.unwrap_or_default(),
        time: timestamp(keywords.time.unwrap_or_default()),
        link: keywords.link.as_deref().map(vis::escape),
        record: Record {
            line: 0,
            path: path.strip_prefix(b"./").unwrap_or(&path).to_vec(),
            keywords,
        },
    };
    // All of the content is read, so a layer that ends too early is an error.
    io::copy(entry, &mut io::sink())?;
    Ok(result)
}

fn named(name: Option<&[u8]>) -> Option<Vec<u8>> {
    name.filter(|name| !name.is_empty()).map(<[u8]>::to_vec)
}

fn pax(entry: &mut tar::Entry<'_, impl Read>, keywords: &mut Keywords) -> io::Result<()> {
    let Some(extensions) = entry.pax_extensions()? else {
        return Ok(());
    };
    for extension in extensions {
        let extension = extension?;
        let value = extension.value_bytes();
        let number = || {
            std::str::from_utf8(value)
                .ok()
                .and_then(|digits| digits.parse().ok())
        };
        match extension.key_bytes() {
            b"uid" => keywords.uid = number().or(keywords.uid),
            b"gid" => keywords.gid = number().or(keywords.gid),
            b"uname" => keywords.uname = Some(value.to_vec()),
            b"gname" => keywords.gname = Some(value.to_vec()),
            b"mtime" => keywords.time = time(value).or(keywords.time),
            _ => {}
        }
    }
    Ok(())
}

/// A pax time: decimal seconds with a fraction.
fn time(value: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(value).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let seconds: i64 = whole.parse().ok()?;
    let nanoseconds: u32 = digits.parse().ok()?;
    Some(if whole.starts_with('-') && nanoseconds > 0 {
        Time {
            seconds: seconds - 1,
            nanoseconds: 1_000_000_000 - nanoseconds,
        }
    } else {
        Time {
            seconds,
            nanoseconds,
        }
    })
}

fn text(entry: &Listed, out: &mut impl Write) -> io::Result<()> {
    let mode = entry.record.keywords.mode.unwrap_or_default();
    write!(
        out,
        "{}{} {}/{} {} {} {}",
        match entry.kind {
            "dir" => 'd',
            "symlink" => 'l',
            "hardlink" => 'h',
            _ => '-',
        },
        permissions(mode),
        entry.uid,
        entry.gid,
        entry.size,
        entry.time,
        entry.path,
    )?;
    match (&entry.link, entry.kind) {
        (Some(target), "hardlink") => write!(out, " link to {target}")?,
        (Some(target), _) => write!(out, " -> {target}")?,
        (None, _) => {}
    }
    writeln!(out)
}

fn permissions(mode: u32) -> String {
    let mut text = String::with_capacity(9);
    for (shift, special, set, unset) in [
        (6, 0o4000, 's', 'S'),
        (3, 0o2000, 's', 'S'),
        (0, 0o1000, 't', 'T'),
    ] {
        let bits = mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (false, false) => '-',
            (false, true) => 'x',
            (true, true) => set,
            (true, false) => unset,
        });
    }
    text
}

/// RFC 3339 in UTC, with a fraction where there is one.
fn timestamp(time: Time) -> String {
    const DAY: i64 = 86_400;
    let (days, second) = (time.seconds.div_euclid(DAY), time.seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let fraction = match time.nanoseconds {
        0 => String::new(),
        nanoseconds => format!(".{nanoseconds:09}"),
    };
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of a number of days since 1970-01-01, in years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        for (seconds, nanoseconds, text) in [
            (0, 0, "1970-01-01T00:00:00Z"),
            (1_672_560_000, 0, "2023-01-01T08:00:00Z"),
            (951_782_400, 0, "2000-02-29T00:00:00Z"),
            (-1, 500_000_000, "1969-12-31T23:59:59.500000000Z"),
            (4_102_444_799, 0, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(
                timestamp(Time {
                    seconds,
                    nanoseconds
                }),
                text
            );
        }
    }

    #[test]
    fn pax_times() {
        for (text, seconds, nanoseconds) in [
            ("5", 5, 0),
            ("5.25", 5, 250_000_000),
            ("-1.25", -2, 750_000_000),
            ("0.000000001", 0, 1),
        ] {
            assert_eq!(
                time(text.as_bytes()),
                Some(Time {
                    seconds,
                    nanoseconds
                })
            );
        }
    }

    #[test]
    fn modes() {
        assert_eq!(permissions(0o755), "rwxr-xr-x");
        assert_eq!(permissions(0o7640), "rwSr-S--T");
        assert_eq!(permissions(0o7711), "rws--s--t");
    }
}
