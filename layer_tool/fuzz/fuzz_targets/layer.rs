//! The layer of a manifest has what the manifest says, whatever the order of its lines.
#![no_main]

use layer::compress::stream::Stream;
use layer::compress::{Compression, Compressor};
use layer::encoding::Encoding;
use layer::entries::{arrange, Order};
use layer::entry::Entry;
use layer::error::{self, Location};
use layer::mtree::{parse, Kind, Record};
use layer::source::Reader;
use layer::tar::builder::Builder;
use layer::tar::{self, Limits, Type};
use layer_tool_fuzz::directory;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What files on disk have: some are alike at first, two are the same, and large enough to be
/// links.
static CONTENTS: LazyLock<[(PathBuf, Vec<u8>); 7]> = LazyLock::new(|| {
    let contents = [
        Vec::new(),
        vec![1],
        vec![2; 1024],
        vec![2; 1024],
        [vec![2; 1023], vec![3]].concat(),
        vec![2; 65_537],
        [vec![2; 65_536], vec![3]].concat(),
    ];
    let mut number = 0;
    contents.map(|content| {
        let path = directory().join(number.to_string());
        fs::write(&path, &content).expect("a file");
        number += 1;
        (path, content)
    })
});

/// The records whose path no other has. Each file has one of [`CONTENTS`], if any.
fn records(manifest: &[u8]) -> BTreeMap<Vec<u8>, Record> {
    let mut records = BTreeMap::new();
    for mut record in parse(manifest).map_while(Result::ok) {
        let words = &mut record.keywords;
        let is_file = !matches!(words.kind, Some(Kind::Dir | Kind::Link));
        if is_file {
            (words.kind, words.link) = (Some(Kind::File), None);
        }
        let contents = words.contents.take().filter(|_| is_file);
        words.contents = contents.map(|path| {
            let number = path.iter().map(|&byte| usize::from(byte)).sum::<usize>();
            let (path, _) = &CONTENTS[number % CONTENTS.len()];
            path.as_os_str().as_encoded_bytes().to_vec()
        });
        words.size = (is_file && words.contents.is_none()).then_some(0);
        words.links = None;
        records.entry(record.path.clone()).or_insert(record);
    }
    records
}

/// What a record's file has.
fn content(record: &Record) -> &'static [u8] {
    let wanted = record.keywords.contents.as_deref();
    let found = CONTENTS
        .iter()
        .find(|(path, _)| Some(path.as_os_str().as_encoded_bytes()) == wanted);
    found.map_or(&[], |(_, content)| content)
}

fn plan<'a>(records: impl Iterator<Item = &'a Record>) -> error::Result<Vec<Entry>> {
    let mut reader = Reader::new(&[]);
    let mut entries = Vec::new();
    let location = Location::new(Path::new("manifest"), 1);
    for record in records {
        reader.entries(record.clone(), &location, &mut entries)?;
    }
    arrange(entries, Order::Alike)
}

fn layer(entries: &[Entry], hard_links: bool) -> error::Result<Vec<u8>> {
    let encoding = Encoding::new(Compression::None, None)?;
    let compressor = Compressor::new(&encoding, 1, Vec::new());
    let tar = Stream::new(compressor.expect("a compressor"), 1, false);
    let mut writer = Builder::new(tar, Path::new("layer"));
    writer.entries(entries.iter(), "", hard_links)?;
    writer.end();
    Ok(writer.into_inner().finish().expect("a layer").out)
}

libfuzzer_sys::fuzz_target!(|manifest: &[u8]| {
    let records = records(manifest);
    let planned = plan(records.values());
    let backwards = plan(records.values().rev());
    assert_eq!(planned.is_ok(), backwards.is_ok());
    let (Ok(planned), Ok(backwards)) = (planned, backwards) else {
        return;
    };
    assert_eq!(planned, backwards);

    for hard_links in [false, true] {
        let layer = layer(&planned, hard_links).expect("a layer");
        check(&layer, records.clone(), hard_links);
    }
});

/// That a layer has what the records say.
fn check(layer: &[u8], mut records: BTreeMap<Vec<u8>, Record>, hard_links: bool) {
    let mut files = BTreeMap::new();
    tar::read(layer, Limits::default(), |entry, reader| {
        // Directories that no line names are there, too.
        let Some(record) = records.remove(&entry.path) else {
            assert_eq!(entry.kind, Type::Dir);
            return Ok(());
        };
        let expected = content(&record);
        let mut content = Vec::new();
        reader.read_to_end(&mut content)?;
        let keywords = record.keywords;
        let kind = match keywords.kind {
            Some(Kind::Dir) => Type::Dir,
            Some(Kind::Link) => Type::Symlink,
            _ if entry.kind == Type::HardLink => Type::HardLink,
            _ => Type::File,
        };
        assert_eq!(entry.kind, kind);
        let attributes = (
            entry.mode,
            entry.uid,
            entry.gid,
            entry.uname.clone(),
            entry.gname.clone(),
            entry.time,
        );
        if kind == Type::HardLink {
            assert!(hard_links && content.is_empty());
            let first = entry.link.as_ref().and_then(|first| files.get(first));
            assert_eq!(first, Some(&(attributes, expected)));
        } else {
            assert!(content == expected, "{:?}", entry.path);
            assert_eq!(entry.size, expected.len() as u64);
            assert_eq!(entry.link, keywords.link.filter(|_| kind == Type::Symlink));
            files.insert(entry.path.clone(), (attributes, expected));
        }
        assert_eq!(entry.mode, keywords.mode.unwrap_or(entry.mode));
        assert_eq!(entry.uid, keywords.uid.unwrap_or(entry.uid));
        assert_eq!(entry.gid, keywords.gid.unwrap_or(entry.gid));
        assert_eq!(entry.uname, keywords.uname.unwrap_or_default());
        assert_eq!(entry.gname, keywords.gname.unwrap_or_default());
        assert_eq!(entry.time, keywords.time.unwrap_or(entry.time));
        Ok(())
    })
    .expect("a layer that is read");
    // The root of an image stands in no layer of these.
    records.remove(&b""[..]);
    assert!(records.is_empty(), "{records:?}");
}
