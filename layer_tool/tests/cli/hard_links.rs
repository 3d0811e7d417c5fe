//! Files of one content, which are written once.

use crate::directory::{tool, Directory};
use layer::tar::{self, Limits};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// What stands at a path of a layer.
#[derive(Debug, PartialEq)]
enum Written {
    Content(Vec<u8>),
    LinkTo(String),
}

use Written::{Content, LinkTo};

/// The files of `layer`, which is not compressed.
fn files(directory: &Directory) -> BTreeMap<String, Written> {
    // A fragment has no end of its own.
    let layer = [directory.read("layer"), vec![0; 1024]].concat();
    let mut files = BTreeMap::new();
    tar::read(&layer[..], Limits::default(), |entry, reader| {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let written = match entry.link {
            Some(target) => LinkTo(text(target)),
            None => {
                let mut content = Vec::new();
                reader.read_to_end(&mut content)?;
                Content(content)
            }
        };
        let path = text(entry.path);
        assert!(files.insert(path, written).is_none());
        Ok(())
    })
    .expect("a layer");
    files
}

/// Writes a layer of files by name, each of some content.
fn layer(names: &[(&str, &[u8])], arguments: &[&str]) -> BTreeMap<String, Written> {
    let directory = Directory::new(&[]);
    let mut manifest = String::new();
    for (number, (name, content)) in names.iter().enumerate() {
        directory.write(&number.to_string(), content);
        let _ = writeln!(manifest, "./{name} contents={number}");
    }
    let all = [&["--compress=none"], arguments].concat();
    directory.layer(&manifest, &all).text();
    files(&directory)
}

/// A wrong link would be another file's content.
#[test]
fn files_that_differ_after_their_start_are_no_links() {
    let start = vec![7; 64 << 10];
    let of = |end: &[u8]| [&start[..], end].concat();
    let (one, two, three) = (of(b"1"), of(b"2"), of(b"3"));
    let long = [&one[..], &start, b"x"].concat();
    let other = [&one[..], &start, b"y"].concat();
    let written = layer(
        &[
            ("a", &one),
            ("b", &one),
            ("c", &two),
            ("d", &one),
            ("e", &two),
            ("f", &three),
            ("g", &three),
            ("h", &one),
            ("i", &long),
            ("j", &other),
            ("k", &long),
            ("l", &other),
        ],
        &[],
    );
    let link = |to: &str| LinkTo(to.to_owned());
    let expected = [
        ("a", Content(one)),
        ("b", link("a")),
        ("c", Content(two)),
        ("d", link("a")),
        ("e", link("c")),
        ("f", Content(three)),
        ("g", link("f")),
        ("h", link("a")),
        ("i", Content(long)),
        ("j", Content(other)),
        ("k", link("i")),
        ("l", link("j")),
    ];
    assert!(written == expected.map(|(name, what)| (name.to_owned(), what)).into());
}

/// Comparing each with each takes two minutes of CPU, and is stopped.
#[test]
fn many_files_of_one_start() {
    const COUNT: u64 = 2500;
    let directory = Directory::new(&[]);
    let mut manifest = String::new();
    for number in 0..COUNT {
        let file = File::create(directory.path(number.to_string())).expect("a file");
        let at = (64 << 10) + (number % 2) * 8;
        file.write_all_at(&(number / 2).to_le_bytes(), at)
            .expect("content");
        file.set_len((64 << 10) + 16).expect("a size");
        let _ = writeln!(manifest, "./{number} contents={number}");
    }
    directory.write("m", manifest.as_bytes());
    let script = r#"
        ulimit -t 40 || exit 77
        exec "$0" layer --manifest=m --output=layer --metadata=json --compress=none"#;
    directory
        .run("bash", &["-c", script, tool().to_str().expect("text")])
        .text();
    // The two zeros are the same.
    let links: Vec<_> = files(&directory)
        .into_iter()
        .filter(|(_, what)| matches!(what, LinkTo(_)))
        .collect();
    assert_eq!(links, [("1".to_owned(), LinkTo("0".to_owned()))]);
}

#[test]
fn a_file_has_a_thousand_names_at_most() {
    const COUNT: usize = 2500;
    for other in [None, Some(vec![8; 2000])] {
        let content = vec![7; 2000];
        let names: Vec<_> = (0..COUNT).map(|number| format!("{number:04}")).collect();
        let mut all: Vec<(&str, &[u8])> = Vec::new();
        // Files of another content and the same size do not matter.
        if let Some(other) = &other {
            all.push(("-", other));
        }
        all.extend(names.iter().map(|name| (name.as_str(), &content[..])));
        let written = layer(&all, &[]);
        let mut links: BTreeMap<&str, usize> = BTreeMap::new();
        for name in &names {
            match &written[name] {
                LinkTo(first) => *links.entry(first).or_default() += 1,
                Content(written) => assert_eq!(*written, content),
            }
        }
        assert_eq!(links, [("0000", 999), ("1000", 999), ("2000", 499)].into());
    }
}

#[test]
fn what_programs_change_in_place_is_no_link() {
    let content = &[7; 1024][..];
    for (name, linked) in [
        ("x.gz", false),
        ("x.GZ", false),
        ("x.xz", false),
        ("x.taz", false),
        ("x.tbz2", false),
        ("x.sqlite3", false),
        ("x.db", false),
        ("nginx.conf", false),
        ("x.log", false),
        (".env", false),
        ("gz", true),
        ("conf", true),
        ("x.js", true),
        ("x.gz.py", true),
        ("x.gz/y", true),
        ("libx.so", true),
        ("x.pyc", true),
    ] {
        let (one, two) = (format!("1/{name}"), format!("2/{name}"));
        let written = layer(&[(&one, content), (&two, content)], &[]);
        assert_eq!(written[&two] == LinkTo(one), linked, "{name}");
    }
    // By whom they may be written counts, and that of all names.
    let directory = Directory::new(&[("file", content)]);
    for (mode, linked) in [
        ("0444", true),
        ("0555", true),
        ("0644", true),
        ("0755", true),
        ("0664", false),
        ("0646", false),
        ("0777", false),
    ] {
        let manifest = format!("/set mode={mode}\n./a contents=file\n./b contents=file\n");
        directory.layer(&manifest, &["--compress=none"]).text();
        assert_eq!(
            files(&directory)["b"] == LinkTo("a".to_owned()),
            linked,
            "{mode}"
        );
    }
}

#[test]
fn hard_links_can_be_switched_off() {
    let content = &[7; 1024][..];
    let twins = [("a", content), ("b", content)];
    let link = LinkTo("a".to_owned());
    assert_eq!(layer(&twins, &["--fragment"])["b"], link);
    for arguments in [
        &["--no-hard-links"][..],
        &["--no-hard-links", "--fragment"],
        &["--by-path"],
    ] {
        let written = layer(&twins, arguments);
        let whole = written
            .values()
            .all(|what| *what == Content(content.to_vec()));
        assert!(whole && written.len() == 2, "{written:?}");
    }
}
