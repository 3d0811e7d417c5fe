//! Records of pax headers, by a reader that takes POSIX at its word.

use crate::directory::Directory;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The records of each entry of a tar: keyword to value. Lengths must be those of the records.
fn records(tar: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut entries = Vec::new();
    let mut pax = BTreeMap::new();
    let mut rest = tar;
    while !rest.is_empty() {
        let (header, after) = rest.split_at(512);
        if header.iter().all(|&byte| byte == 0) {
            assert_eq!(rest, [0; 1024]);
            return entries;
        }
        let text = |range: std::ops::Range<usize>| {
            let end = header[range.clone()]
                .iter()
                .position(|&byte| matches!(byte, 0 | b' '));
            let field = &header[range.start..range.start + end.expect("an end")];
            String::from_utf8(field.to_vec()).expect("text")
        };
        let size = usize::from_str_radix(&text(124..136), 8).expect("octal");
        let (content, padding) = after[..size.next_multiple_of(512)].split_at(size);
        assert!(padding.iter().all(|&byte| byte == 0));
        rest = &after[size.next_multiple_of(512)..];
        if header[156] == b'x' {
            pax = of_header(content);
        } else {
            entries.push(std::mem::take(&mut pax));
        }
    }
    panic!("the tar has no end");
}

/// `LENGTH KEYWORD=VALUE\n`, one after another (POSIX.1-2001, pax, "Extended Header").
fn of_header(mut content: &[u8]) -> BTreeMap<String, String> {
    let mut records = BTreeMap::new();
    while !content.is_empty() {
        let blank = content
            .iter()
            .position(|&byte| byte == b' ')
            .expect("a blank");
        let number = std::str::from_utf8(&content[..blank]).expect("text");
        let length: usize = number.parse().expect("a length");
        assert_eq!(number, length.to_string());
        let (record, after) = content.split_at(length);
        let record = record[blank + 1..].strip_suffix(b"\n").expect("a line");
        let record = std::str::from_utf8(record).expect("text");
        let (keyword, value) = record.split_once('=').expect("a value");
        assert!(records
            .insert(keyword.to_owned(), value.to_owned())
            .is_none());
        content = after;
    }
    records
}

fn layer(manifest: &str) -> Vec<BTreeMap<String, String>> {
    let directory = Directory::new(&[]);
    directory.layer(manifest, &["--compress=none"]).text();
    records(&directory.read("layer"))
}

/// A length counts its own digits, which it may make more.
#[test]
fn lengths_of_all_numbers_of_digits() {
    let mut manifest = String::new();
    let mut expected = Vec::new();
    // What a record has beside its value, and two lengths at which the digits become more.
    for length in (101..=140).chain(970..=1020) {
        let target = "t".repeat(length);
        let _ = writeln!(manifest, "./{length:04} type=link link={target}");
        expected.push(BTreeMap::from([("linkpath".to_owned(), target)]));
    }
    assert_eq!(layer(&manifest), expected);

    let mut manifest = String::new();
    let mut expected = Vec::new();
    for length in 32..=255 {
        let name = "u".repeat(length);
        let _ = writeln!(manifest, "./{length:04} size=0 uname={name}");
        expected.push(BTreeMap::from([("uname".to_owned(), name)]));
    }
    // The shortest: a record of 9 bytes would be of 10 with its length.
    for number in [1 << 18, 9_999_999, u64::from(u32::MAX) - 1] {
        let _ = writeln!(manifest, "./x{number:020} size=0 uid={number}");
        expected.push(BTreeMap::from([("uid".to_owned(), number.to_string())]));
    }
    assert_eq!(layer(&manifest), expected);
}
