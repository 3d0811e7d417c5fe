//! The layer of a manifest has what the manifest says.
#![no_main]

use layer_tool::compress::Compression;
use layer_tool::layer::{self, Options};
use layer_tool::mtree::{parse, write, Kind, Record};
use layer_tool::tar::read::{Archive, Type};
use std::collections::BTreeMap;
use std::fs::{self, File};

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

libfuzzer_sys::fuzz_target!(|manifest: &[u8]| {
    let mut records = records(manifest);
    let folder = tempfile::tempdir().expect("a folder");
    let [manifest, output] = ["m", "layer"].map(|name| folder.path().join(name));
    let mut file = File::create(&manifest).expect("a file");
    write(&mut file, records.values()).expect("a manifest");
    let options = Options {
        name: String::new(),
        manifests: vec![manifest],
        output: output.clone(),
        metadata: None,
        compression: Compression::None,
        level: None,
        threads: 1,
        by_path: false,
        hard_links: true,
    };
    if layer::write(&options).is_err() {
        return;
    }
    let layer = fs::read(output).expect("a layer");
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
