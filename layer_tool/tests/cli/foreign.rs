//! Layers that other programs write, and what is no layer: all commands read them alike.

use crate::directory::{tool, Directory};
use serde_json::Value;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Instant;

/// A header of POSIX's; what is not given is empty.
fn header(flag: u8, name: &[u8], size: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    summed(block)
}

/// The header with the sum of its bytes.
fn summed(mut block: Vec<u8>) -> Vec<u8> {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

/// An entry and its content, in whole blocks.
fn entry(flag: u8, name: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = header(flag, name, format!("{:011o}", content.len()).as_bytes());
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn record(keyword: &str, value: &[u8]) -> Vec<u8> {
    let rest = keyword.len() + value.len() + 3;
    let length = (rest + 1..rest + 20).find(|length| rest + length.to_string().len() == *length);
    let start = format!("{} {keyword}=", length.expect("a length"));
    [start.as_bytes(), value, b"\n"].concat()
}

fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
    [&entries.concat()[..], &[0; 1024]].concat()
}

const COMMANDS: [(&str, &[&str]); 3] = [
    ("list", &["ls", "layer"]),
    ("list", &["files", "layer", "--output=files"]),
    ("describe", &["describe", "layer", "--metadata=json"]),
];

/// Each command refuses the layer with this problem, at once.
fn refused(layer: &[u8], problem: &str) {
    let directory = Directory::new(&[("layer", layer)]);
    for (doing, command) in COMMANDS {
        let start = Instant::now();
        let answer = directory.tool(command);
        assert_eq!(
            (answer.code, answer.stderr),
            (
                Some(1),
                format!("layer_tool: cannot {doing} layer: {problem}\n")
            ),
            "{command:?}"
        );
        assert!(start.elapsed().as_secs() < 10, "{command:?}");
    }
    assert_eq!(directory.names(), ["layer".to_owned()].into());
}

/// Each command takes the layer; what `ls` and `files` say of it, and the numbers of `describe`.
fn taken(layer: &[u8]) -> (String, Value, Value) {
    let directory = Directory::new(&[("layer", layer)]);
    let [list, ..] = COMMANDS.map(|(_, command)| directory.tool(command).text());
    let json = |name| serde_json::from_slice::<Value>(&directory.read(name)).expect("JSON");
    (
        list,
        json("files")["layers"][0]["files"].clone(),
        json("json"),
    )
}

/// The paths, targets and sizes in the tar, as `files` has them.
fn shown(files: &Value) -> Vec<(&str, Option<&str>, u64)> {
    let files = files.as_array().expect("a list");
    let of = |file: &'_ Value, key: &str| file[key].as_str().map(str::to_owned);
    files
        .iter()
        .map(|file| {
            assert!(of(file, "path").is_some());
            (
                file["path"].as_str().expect("a path"),
                file["link"].as_str(),
                file["size"].as_u64().expect("a size"),
            )
        })
        .collect()
}

#[test]
fn newlines_in_pax_values() {
    let records = [
        record("path", b"a\n9 path=b"),
        record("uname", b"u\nv"),
        record("linkpath", b"\n"),
    ];
    let layer = archive(&[entry(b'x', b"p", &records.concat()), entry(b'2', b"l", b"")]);
    let (list, files, json) = taken(&layer);
    assert_eq!(
        list,
        "lrw-r--r-- 0/0 0 1970-01-01T00:00:00Z a\\0129\\040path=b -> \\012\n"
    );
    assert_eq!(shown(&files), [("a\\0129\\040path=b", Some("\\012"), 1536)]);
    assert_eq!((&json["entries"], &json["files"]), (&1.into(), &0.into()));
}

#[test]
fn devices_old_times_and_links_with_sizes() {
    let mut old = header(b'0', b"old", b"");
    old[136..148].copy_from_slice(&[0xff; 12]);
    let mut large = header(b'0', b"large", b"");
    large[108..116].copy_from_slice(&[0x80, 0, 0, 0, 1, 0, 0, 0]);
    let layer = archive(&[
        header(b'3', b"null", b""),
        header(b'4', b"disk", b""),
        header(b'6', b"pipe", b""),
        header(b'5', b"directory/", b"00000001000"),
        header(b'1', b"hard", b"00000001000"),
        header(0, b"v7/", b""),
        entry(b'7', b"file", b"content"),
        summed(old),
        summed(large),
    ]);
    let (list, files, json) = taken(&layer);
    assert_eq!(
        list.replace("rw-r--r-- ", " ")
            .replace(" 1970-01-01T00:00:00Z", ""),
        "c 0/0 0 null\nb 0/0 0 disk\np 0/0 0 pipe\nd 0/0 0 directory\nh 0/0 0 hard link to \n\
         d 0/0 0 v7\n- 0/0 7 file\n- 0/0 0 1969-12-31T23:59:59Z old\n- 16777216/0 0 large\n"
    );
    let paths: Vec<_> = shown(&files).iter().map(|file| file.0).collect();
    assert_eq!(
        paths,
        ["null", "disk", "pipe", "hard", "file", "old", "large"]
    );
    assert_eq!((&json["entries"], &json["files"]), (&9.into(), &4.into()));

    let directory = Directory::new(&[("layer", &layer)]);
    directory.tool(&["ls", "--format=mtree", "layer"]).expect_refusal(
        &[1],
        "layer: entry null is a char, which a manifest cannot have; list it with `--format text` or `json`",
    );
}

#[test]
fn sparse_files_of_every_version() {
    let directory = Directory::new(&[]);
    let sparse = File::create(directory.path("sparse")).expect("a file");
    sparse.set_len(3 << 20).expect("a size");
    // More pieces than a header has room for, or the first block after it.
    for piece in 0..40 {
        sparse.write_all_at(b"x", piece * 70_000).expect("content");
    }
    let content = directory.read("sparse");
    for format in [
        "--format=gnu",
        "--format=pax --sparse-version=0.0",
        "--format=pax --sparse-version=0.1",
        "--format=pax --sparse-version=1.0",
    ] {
        let script = format!("tar -cf layer --sparse --mtime=@0 {format} sparse");
        directory.run("sh", &["-c", &script]).text();
        let layer = directory.read("layer");
        assert!(layer.len() < 250_000, "{format}");
        let (list, files, json) = taken(&layer);
        assert!(
            list.ends_with(" 3145728 1970-01-01T00:00:00Z sparse\n"),
            "{format}: {list}"
        );
        assert_eq!(files[0]["path"], "sparse", "{format}");
        assert_eq!(
            files[0]["digest"],
            crate::layer::sha256(&content),
            "{format}"
        );
        assert_eq!(json["files"], 1, "{format}");
    }
}

/// A file of version 1.0: its map stands before its content.
fn mapped(size: &[u8], map: &[u8], content: &[u8]) -> Vec<u8> {
    let records = [
        record("GNU.sparse.major", b"1"),
        record("GNU.sparse.realsize", size),
    ];
    let mut stored = map.to_vec();
    stored.resize(map.len().next_multiple_of(512), 0);
    stored.extend_from_slice(content);
    [
        entry(b'x', b"p", &records.concat()),
        entry(b'0', b"f", &stored),
    ]
    .concat()
}

#[test]
fn maps_of_sparse_files_by_the_byte() {
    let digest = |layer: &[u8]| taken(&archive(&[layer.to_vec()])).1[0]["digest"].clone();
    let expected = crate::layer::sha256(b"\0\0\0xy\0\0\0z\0");
    assert_eq!(digest(&mapped(b"10", b"2\n3\n2\n8\n1\n", b"xyz")), expected);
    // A number of twenty digits ends with the first block, and its line with the second.
    let lines = format!("123\n3\n2\n{}{:020}", "5\n0\n".repeat(121), 8);
    assert_eq!(lines.len(), 512);
    let map = lines.clone() + "\n1\n";
    assert_eq!(digest(&mapped(b"10", map.as_bytes(), b"xyz")), expected);

    let unfit =
        "entry f: a map of a sparse file that does not fit its content; write the layer again";
    // One digit more is none of a number; more pieces than there are, with nothing after them.
    let longer = format!("1234\n3\n2\n{}{:021}\n1\n", "5\n0\n".repeat(120), 8);
    let more = format!("999\n{}", "5\n0\n".repeat(127));
    refused(&mapped(b"10", longer.as_bytes(), b"xyz"), unfit);
    refused(&mapped(b"10", more.as_bytes(), b""), unfit);
    // Pieces over each other, and one that ends after the file.
    refused(&mapped(b"10", b"2\n3\n2\n4\n1\n", b"xyz"), unfit);
    refused(&mapped(b"10", b"2\n3\n2\n10\n1\n", b"xyz"), unfit);

    // GNU's own header, whose number may be empty where it is zero.
    let mut old = header(b'S', b"f", b"00000000003");
    old[386..398].copy_from_slice(&[0; 12]);
    old[398..410].copy_from_slice(b"00000000002\0");
    old[410..422].copy_from_slice(b"00000000011\0");
    old[422..434].copy_from_slice(b"00000000001\0");
    old[483..495].copy_from_slice(b"00000000012\0");
    let old = [summed(old), b"xyz".to_vec(), vec![0; 509]].concat();
    assert_eq!(digest(&old), crate::layer::sha256(b"xy\0\0\0\0\0\0\0z"));
}

#[test]
fn a_skippable_frame_before_a_zstd() {
    let directory = Directory::new(&[]);
    directory.layer("./f size=0\n", &["--compress=zstd"]).text();
    for magic in [0x50, 0x5f] {
        let frame = [magic, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
        let (list, _, json) = taken(&[&frame[..], &directory.read("layer")].concat());
        assert!(list.ends_with(" f\n"), "{list}");
        assert_eq!(json["compression"], "zstd");
    }
}

#[test]
fn a_window_that_nothing_has_room_for() {
    // A frame of one empty block: as by `zstd --long=28`.
    refused(
        &[0x28, 0xb5, 0x2f, 0xfd, 0, (28 - 10) << 3, 1, 0, 0],
        "its zstd data asks for a window of more than 128 MiB, which runtimes refuse; compress it \
         without --long, or with --long=27 at most",
    );
}

#[test]
fn what_ends_early_or_late() {
    let one = entry(b'0', b"f", b"content");
    let whole = archive(std::slice::from_ref(&one));
    taken(&[&whole[..], &[0; 9000]].concat());
    let no_end = "the two empty blocks that end an archive are missing; it may be cut short";
    for (layer, problem) in [
        (&whole[..0], "it is empty, so it is not a tar"),
        (&whole[..511], "not a tar: shorter than a header"),
        (&whole[..515], "it is cut short: the content of an entry ends early"),
        (&whole[..600], "it is cut short: the content of an entry ends early"),
        (&whole[..1024], no_end),
        (&whole[..1100], "it is cut short: a header ends early"),
        (&whole[..1536], no_end),
        (&whole[..2047], no_end),
        (
            &[&whole[..], &one].concat(),
            "something follows the end of the archive; readers do not see it, so write one archive, and nothing after it",
        ),
        (&[b'x'; 512], "not a tar: the sum of its first header is wrong"),
        (
            &[&one[..], &[b'x'; 512]].concat(),
            "the sum of the header at byte 1024 is wrong; write the layer again",
        ),
        (
            &archive(&[entry(b'L', b"l", b"name")]),
            "its last header describes an entry that is missing",
        ),
    ] {
        refused(layer, problem);
    }
}

#[test]
fn what_claims_too_much() {
    let mut sparse = header(b'S', b"holes", b"");
    sparse[257..265].copy_from_slice(b"ustar  \0");
    sparse[483..495].copy_from_slice(b"20000000000\0");
    // GNU's way to write 1 TiB.
    sparse[483..495].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    let gib = b"10000000000";
    let pax = |keyword, value: &[u8]| {
        archive(&[
            entry(b'x', b"p", &record(keyword, value)),
            entry(b'0', b"f", b""),
        ])
    };
    for (layer, problem) in [
        (
            archive(&[summed(sparse)]),
            "entry holes: a sparse file of 1099511627776 bytes: the holes of a layer may have 8589934592; leave the file out, or make it as large as it has to be",
        ),
        (
            header(b'L', b"long", gib),
            "entry long: a path of 1073741824 bytes; shorten it, one may have 4096",
        ),
        (
            header(b'x', b"pax", gib),
            "entry pax: a pax header of 1073741824 bytes; leave out records, one may have 4194304 and a value 1048576",
        ),
        (
            pax("comment", &[b'c'; (1 << 20) + 1]),
            "entry p: a pax value of 1048577 bytes; leave that record out, one may have 1048576",
        ),
        (
            pax("path", "a/".repeat(2049).as_bytes()),
            &format!("entry {}...: a path of 4097 bytes; shorten it, one may have 4096", &"a/".repeat(128)[..255]),
        ),
        (
            pax("path", &[b'n'; 256]),
            &format!("entry {}...: a name of 256 bytes; shorten it, one may have 255", "n".repeat(255)),
        ),
        (pax("path", b"a\0b"), "entry a\\000b: a path with a NUL byte; rename it"),
        (
            pax("size", b"18446744073709551615"),
            "entry f: a size of 18446744073709551615 bytes; no layer has that",
        ),
        (
            pax("uid", b"+1"),
            "entry f: the pax record uid=+1, which is not a number; write the layer again",
        ),
        (
            pax("uid", b"-1"),
            "entry f: the pax record uid=-1, which is not a number; write the layer again",
        ),
        (
            pax("mtime", b"99999999999999999999"),
            "entry f: the pax record mtime=99999999999999999999, which is not a time; write the layer again",
        ),
        (
            archive(&[entry(b'x', b"p", b"9 path=b")]),
            "entry p: a pax record that is not `LENGTH KEYWORD=VALUE`; write the layer again",
        ),
        (
            archive(&[entry(b'V', b"label", b"")]),
            "entry label: has the type 'V', which a layer cannot have; write the layer without it",
        ),
        (
            archive(&[entry(b'x', b"p", &[record("GNU.sparse.size", b"5"), record("GNU.sparse.map", b"18446744073709551615,1")].concat()), entry(b'0', b"f", b"x")]),
            "entry f: a map of a sparse file that does not fit its content; write the layer again",
        ),
    ] {
        refused(&layer, problem);
    }
}

#[test]
fn as_much_as_there_may_be() {
    let path = format!("dd/{}{}", "d/".repeat(1919), "f".repeat(255));
    assert_eq!(path.len(), 4096);
    let long = [path.as_bytes(), b"\0"].concat();
    let (_, files, _) = taken(&archive(&[
        entry(b'L', b"l", &long),
        entry(b'0', b"f", b""),
    ]));
    assert_eq!(shown(&files), [(&*path, None, 512 + 4608 + 512)]);
    refused(
        &entry(b'L', b"l", &[&long[..], b"\0"].concat()),
        "entry l: a path of 4098 bytes; shorten it, one may have 4096",
    );

    let comment = |length: usize| record("comment", &vec![b'c'; length]);
    let mib = comment((1 << 20) - 17);
    assert_eq!(mib.len(), 1 << 20);
    taken(&archive(&[
        entry(b'x', b"p", &mib.repeat(4)),
        entry(b'x', b"p", &comment(1 << 20)),
        entry(b'0', b"f", b""),
    ]));
    refused(
        &entry(b'x', b"p", &[&mib.repeat(4)[..], b"x"].concat()),
        "entry p: a pax header of 4194305 bytes; leave out records, one may have 4194304 and a value 1048576",
    );
}

/// All of a file is one hole, which nothing reads.
#[test]
fn holes_up_to_a_limit() {
    let hole = |size: &[u8]| {
        archive(&[
            entry(b'x', b"p", &record("GNU.sparse.size", size)),
            entry(b'0', b"f", b""),
        ])
    };
    let directory = Directory::new(&[("layer", &hole(b"8589934592"))]);
    assert_eq!(
        directory.tool(&["ls", "layer"]).text(),
        "-rw-r--r-- 0/0 8589934592 1970-01-01T00:00:00Z f\n"
    );
    refused(
        &hole(b"8589934593"),
        "entry f: a sparse file of 8589934593 bytes: the holes of a layer may have 8589934592; \
         leave the file out, or make it as large as it has to be",
    );
}

/// Prefixes of paths, of which ustar and Schilling's tar have one each, and older tars none.
#[test]
fn prefixes_of_paths() {
    let prefix = "p".repeat(131);
    let with = |magic: &[u8; 8], end: &[u8; 4]| {
        let mut block = header(b'0', b"f", b"");
        block[345..476].copy_from_slice(prefix.as_bytes());
        block[476..480].copy_from_slice(b"0007");
        block[257..265].copy_from_slice(magic);
        block[508..512].copy_from_slice(end);
        summed(block)
    };
    let path = |header| {
        let (_, files, _) = taken(&archive(&[header]));
        files[0]["path"].as_str().map(str::to_owned)
    };
    let of = |directory: &str| Some(format!("{directory}f"));
    assert_eq!(
        path(with(b"ustar\x0000", b"tar\0")),
        of(&format!("{prefix}/"))
    );
    assert_eq!(
        path(with(b"ustar\x0000", &[0; 4])),
        of(&format!("{prefix}0007/"))
    );
    assert_eq!(path(with(b"ustar  \0", &[0; 4])), of(""));
    assert_eq!(path(header(b'0', b"f", b"")), of(""));

    // What is no ustar has no names of owners either.
    let mut v7 = header(b'0', b"f", b"");
    v7[257..265].fill(0);
    v7[265] = b'u';
    let directory = Directory::new(&[("layer", &archive(&[summed(v7)]))]);
    let list = directory.tool(&["ls", "--format=json", "layer"]).text();
    let list: Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(
        (&list[0]["path"], list[0].get("uname")),
        (&"f".into(), None)
    );
}

/// Old programs summed signed bytes.
#[test]
fn sums_of_headers() {
    let mut block = header(b'0', b"\xff", b"");
    taken(&archive(&[block.clone()]));
    let sum = |block: &[u8]| u32::from_str_radix(std::str::from_utf8(block).expect("text"), 8);
    let signed = sum(&block[148..154]).expect("octal") - 256;
    block[148..154].copy_from_slice(format!("{signed:06o}").as_bytes());
    taken(&archive(&[block.clone()]));
    block[0] = 0xfe;
    refused(
        &archive(&[block]),
        "not a tar: the sum of its first header is wrong",
    );
}

/// A reader that has seen enough is no error, and changes no answer.
#[test]
fn output_that_nobody_reads() {
    let directory = Directory::new(&[("layer", &archive(&[entry(b'0', b"f", b"")]))]);
    directory
        .tool(&["describe", "layer", "--name=l", "--metadata=json"])
        .text();
    let unit = r#"{"name": "u", "kind": "layer", "group": "l", "reason": "r", "sidecar": "json"}"#;
    directory
        .tool(&["plan", "--layer=json", "--unit", unit, "--output=plan"])
        .text();
    for (command, code) in [
        ("ls layer", 0),
        ("ls --format=json layer", 0),
        ("report --metadata json", 0),
        ("report --plan plan", 0),
        ("budget --plan plan --max-total 9999999", 0),
        ("budget --plan plan --max-total 1", 1),
    ] {
        // The pipe has no reader when the command starts.
        let script = "{ sleep 0.2; \"$0\" $1; echo $? >code; } | true";
        let answer = directory.run(
            "bash",
            &["-c", script, tool().to_str().expect("text"), command],
        );
        assert_eq!(
            directory.read("code"),
            format!("{code}\n").as_bytes(),
            "{command}"
        );
        assert_eq!(answer.stderr.is_empty(), code == 0, "{}", answer.stderr);
    }
}

/// Few bytes that each of many entries would hold a copy of, or read again.
#[test]
fn global_headers_that_grow_with_each_entry() {
    let name = "n".repeat(256);
    for keyword in ["uname", "gname", "mtime"] {
        refused(
            &archive(&[
                entry(b'g', b"g", &record(keyword, name.as_bytes())),
                entry(b'0', b"a", b""),
            ]),
            &format!(
                "entry g: a pax record {keyword} of 256 bytes; leave it out, one may have 255"
            ),
        );
    }

    let extents = [
        record("GNU.sparse.offset", b"0"),
        record("GNU.sparse.numbytes", b"0"),
    ];
    let global = entry(b'g', b"g", &extents.concat().repeat(20_000));
    let path = entry(b'g', b"g", &record("path", &[b'p'; 5000]));
    let entries: Vec<_> = (0..5_000)
        .map(|number| entry(b'0', format!("f{number}").as_bytes(), b"x"))
        .collect();
    let layer = archive(&[&[global.clone(), global, path], &entries[..]].concat());
    let directory = Directory::new(&[("layer", &layer)]);
    for (_, command) in COMMANDS {
        let start = Instant::now();
        let listed = directory.tool(command).text();
        assert!(start.elapsed().as_secs() < 10, "{command:?}");
        if command[0] == "ls" {
            assert_eq!(listed.lines().count(), 5_000);
        }
    }
}
