//! The layer of a manifest has what the manifest says, whatever the order of its lines.
#![no_main]

use layer_tool::archive::Archive as Writer;
use layer_tool::compress::stream::Stream;
use layer_tool::compress::{Compression, Compressor};
use layer_tool::entry::Entry;
use layer_tool::error::{self, Place};
use layer_tool::mtree::{parse, Kind, Record};
use layer_tool::plan::arrange;
use layer_tool::source::Reader;
use layer_tool::tar::read::{Archive, Type};
use std::collections::BTreeMap;
use std::path::Path;

/// The records that need no file on disk, and whose path no other has.
fn records(manifest: &[u8]) -> BTreeMap<Vec<u8>, Record> {
    let mut records = BTreeMap::new();
    for mut record in parse(manifest).map_while(Result::ok) {
        let words = &mut record.keywords;
        words.contents = None;
        match words.kind {
            Some(Kind::Dir | Kind::Link) => words.size = None,
            _ => (words.kind, words.size, words.link) = (Some(Kind::File), Some(0), None),
        }
        words.links = None;
        records.entry(record.path.clone()).or_insert(record);
    }
    records
}

fn plan<'a>(records: impl Iterator<Item = &'a Record>) -> error::Result<Vec<Entry>> {
    let mut reader = Reader::new(&[]);
    let mut entries = Vec::new();
    let place = Place::new(Path::new("manifest"), 1);
    for record in records {
        reader.entries(record.clone(), &place, &mut entries)?;
    }
    arrange(entries, false)
}

fn layer(entries: &[Entry]) -> error::Result<Vec<u8>> {
    let compressor = Compressor::new(Compression::None, None, 1, Vec::new());
    let tar = Stream::new(compressor.expect("a compressor"), 1, false);
    let mut writer = Writer::new(tar, Path::new("layer"));
    writer.entries(entries.iter(), "", true)?;
    writer.end();
    Ok(writer.into_inner().finish().expect("a layer").out)
}

libfuzzer_sys::fuzz_target!(|manifest: &[u8]| {
    let mut records = records(manifest);
    let planned = plan(records.values());
    let backwards = plan(records.values().rev());
    assert_eq!(planned.is_ok(), backwards.is_ok());
    let (Ok(planned), Ok(backwards)) = (planned, backwards) else {
        return;
    };
    assert_eq!(planned, backwards);

    let layer = layer(&planned).expect("a layer");
    let mut archive = Archive::new(&layer[..]);
    while let Some(entry) = archive.next_entry().expect("a layer that is read") {
        // Folders that no line names are there, too.
        let Some(Record { keywords, .. }) = records.remove(&entry.path) else {
            assert_eq!(entry.kind, Type::Dir);
            continue;
        };
        let kind = match keywords.kind {
            Some(Kind::Dir) => Type::Dir,
            Some(Kind::Link) => Type::Symlink,
            _ => Type::File,
        };
        assert_eq!((entry.kind, entry.size), (kind, 0));
        assert_eq!(entry.link, keywords.link.filter(|_| kind == Type::Symlink));
        assert_eq!(entry.mode, keywords.mode.unwrap_or(entry.mode));
        assert_eq!(entry.uid, keywords.uid.unwrap_or(entry.uid));
        assert_eq!(entry.gid, keywords.gid.unwrap_or(entry.gid));
        assert_eq!(entry.uname, keywords.uname.unwrap_or_default());
        assert_eq!(entry.gname, keywords.gname.unwrap_or_default());
        assert_eq!(entry.time, keywords.time.unwrap_or(entry.time));
    }
    // The root of an image stands in no layer of these.
    records.remove(&b""[..]);
    assert!(records.is_empty(), "{records:?}");
});
