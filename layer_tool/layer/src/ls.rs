//! Lists a layer: the form that people read and golden tests compare.

use crate::error::{Error, Result};
use crate::mtree::{self, vis, Keywords, Kind, Record, Time};
use crate::tar::decompress::decompress;
use crate::tar::{self, Entry, Limits, Type};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

/// How to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One line per entry, like `ls -l`, with unprintable bytes escaped.
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
/// It cannot be read, or is no tar; `out` fails.
pub fn list(path: &Path, format: Format, out: &mut impl Write) -> Result<()> {
    let listed = read(path)?;
    if format == Format::Mtree {
        check_manifest(&listed, path)?;
    }
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
        return entries(io::stdin().lock()).map_err(error);
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    entries(BufReader::new(file)).map_err(error)
}

fn entries(layer: impl BufRead) -> io::Result<Vec<Listed>> {
    let (_, tar) = decompress(layer)?;
    let mut entries = Vec::new();
    tar::read(tar, Limits::default(), |entry, _| {
        entries.push(listed(entry));
        Ok(())
    })?;
    Ok(entries)
}

fn listed(entry: Entry) -> Listed {
    let (name, kind) = match entry.kind {
        Type::File => ("file", Some(Kind::File)),
        Type::Dir => ("dir", Some(Kind::Dir)),
        Type::Symlink => ("symlink", Some(Kind::Link)),
        // mtree(5) has no hard links.
        Type::HardLink => ("hardlink", Some(Kind::File)),
        Type::Char => ("char", None),
        Type::Block => ("block", None),
        Type::Fifo => ("fifo", None),
    };
    let named = |name: Vec<u8>| (!name.is_empty()).then_some(name);
    Listed {
        path: vis::escape(&entry.path),
        kind: name,
        mode: format!("{:04o}", entry.mode),
        uid: entry.uid,
        gid: entry.gid,
        uname: vis::escape(&entry.uname),
        gname: vis::escape(&entry.gname),
        size: entry.size,
        time: timestamp(entry.time),
        link: entry.link.as_deref().map(vis::escape),
        record: Record {
            line: 0,
            path: entry
                .path
                .strip_prefix(b"./")
                .unwrap_or(&entry.path)
                .to_vec(),
            keywords: Keywords {
                kind,
                mode: Some(entry.mode),
                uid: Some(entry.uid),
                gid: Some(entry.gid),
                uname: named(entry.uname),
                gname: named(entry.gname),
                time: Some(entry.time),
                link: entry.link,
                size: (entry.kind == Type::File).then_some(entry.size),
                ..Keywords::default()
            },
        },
    }
}

/// Refuses what a manifest of ours does not say.
fn check_manifest(listed: &[Listed], path: &Path) -> Result<()> {
    match listed
        .iter()
        .find(|entry| entry.record.keywords.kind.is_none())
    {
        None => Ok(()),
        Some(entry) => Err(Error::Content {
            path: path.to_owned(),
            problem: format!(
                "entry {} is a {}, which a manifest cannot have; list it with `--format text` or \
                 `json`",
                entry.path, entry.kind
            ),
        }),
    }
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
            "char" => 'c',
            "block" => 'b',
            "fifo" => 'p',
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
            (4_107_542_399, 0, "2100-02-28T23:59:59Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
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
    fn modes() {
        assert_eq!(permissions(0o755), "rwxr-xr-x");
        assert_eq!(permissions(0o7640), "rwSr-S--T");
        assert_eq!(permissions(0o7711), "rws--s--t");
    }
}
