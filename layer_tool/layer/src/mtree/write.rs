//! The writer: one self-contained line to a record.

use super::{vis, Keywords, Record};
use std::io::{self, Write};

/// Writes a manifest that needs no `/set`.
///
/// # Errors
/// Those of `out`.
pub fn write<'a>(
    out: &mut impl Write,
    records: impl IntoIterator<Item = &'a Record>,
) -> io::Result<()> {
    writeln!(out, "#mtree")?;
    for record in records {
        write!(out, "./{}", vis::escape(&record.path))?;
        keywords(out, &record.keywords)?;
        writeln!(out)?;
    }
    Ok(())
}

fn keywords(out: &mut impl Write, words: &Keywords) -> io::Result<()> {
    if let Some(kind) = words.kind {
        write!(out, " type={}", kind.name())?;
    }
    for (keyword, mode) in [
        ("mode", words.mode),
        ("dmode", words.dmode),
        ("lmode", words.lmode),
    ] {
        if let Some(mode) = mode {
            write!(out, " {keyword}={mode:04o}")?;
        }
    }
    for (keyword, number) in [("uid", words.uid), ("gid", words.gid), ("size", words.size)] {
        if let Some(number) = number {
            write!(out, " {keyword}={number}")?;
        }
    }
    if let Some(time) = words.time {
        write!(out, " time={}", time.seconds)?;
        if time.nanoseconds > 0 {
            write!(out, ".{}", time.nanoseconds)?;
        }
    }
    if let Some(links) = words.links {
        write!(out, " links={}", links.name())?;
    }
    for (keyword, value) in [
        ("uname", &words.uname),
        ("gname", &words.gname),
        ("link", &words.link),
        ("contents", &words.contents),
    ] {
        if let Some(value) = value {
            write!(out, " {keyword}={}", vis::escape(value))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{parse, Kind, Links, Time};
    use super::*;
    use proptest::option::of;
    use proptest::prelude::*;

    fn path_bytes() -> impl Strategy<Value = Vec<u8>> {
        let part = proptest::collection::vec(1_u8.., 1..9).prop_filter("a name", |part| {
            !part.contains(&b'/') && part != b"." && part != b".."
        });
        proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join(&b'/'))
    }

    fn owner() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(1_u8.., 0..9)
    }

    prop_compose! {
        fn any_keywords()(
            kind in of(prop_oneof![
                Just(Kind::File), Just(Kind::Dir), Just(Kind::Link), Just(Kind::Tree), Just(Kind::Artifact),
            ]),
            mode in of(0..=0o7777_u32),
            dmode in of(0..=0o7777_u32),
            lmode in of(0..=0o7777_u32),
            uid in of(0..u64::from(u32::MAX)),
            gid in of(0..u64::from(u32::MAX)),
            size: Option<u64>,
            time in of((-1_000_000_000_000_i64..1_000_000_000_000, 0..1_000_000_000_u32)),
            names in (of(owner()), of(owner())),
            contents in of(path_bytes()),
            link in of(path_bytes()),
            links in of(prop_oneof![Just(Links::Keep), Just(Links::Follow), Just(Links::Listed)]),
        ) -> Keywords {
            Keywords {
                kind, mode, dmode, lmode, uid, gid, size, contents, link, links,
                uname: names.0,
                gname: names.1,
                time: time.map(|(seconds, nanoseconds)| Time { seconds, nanoseconds }),
            }
        }
    }

    proptest! {
        #[test]
        fn records_come_back(entries in proptest::collection::vec((path_bytes(), any_keywords()), 0..8)) {
            let records: Vec<_> = entries
                .into_iter()
                .enumerate()
                .map(|(index, (path, keywords))| Record { line: index + 2, path, keywords })
                .collect();
            let mut manifest = Vec::new();
            write(&mut manifest, &records).expect("a Vec takes all");
            prop_assert_eq!(parse(&manifest).collect::<Result<Vec<_>, _>>(), Ok(records));
        }
    }
}
