//! Fragments, and layers made of them.

use crate::directory::{Answer, Directory};
use crate::layer::{big, sha256, COMPRESSIONS};
use serde_json::Value;

/// Parents that units share, are owned by the first below them, or are named by one.
const UNITS: [&str; 3] = [
    "/set uid=1\n./lib/a/x contents=small\n./lib/a/y contents=big\n./lib/a/y2 contents=big\n./top size=0\n",
    "/set uid=2\n./lib/b/z contents=small mode=0755\n./lib/a-b/link type=link link=../a\n./lib/b/d\\303\\251 size=0\n",
    "/set uid=3 gid=9\n./lib/a type=dir mode=0700\n./lib type=tree contents=tree\n./empty type=dir uname=u time=5.5\n",
];

fn directory() -> Directory {
    Directory::new(&[
        ("big", &big()),
        ("small", b"small"),
        ("tree/0/f", b"tree"),
        ("tree/c/w", b"tree"),
    ])
}

/// Writes the fragment `NAME` and its sidecar `NAME.json`.
fn fragment(directory: &Directory, name: &str, manifest: &str, arguments: &[&str]) {
    directory.write("m", manifest.as_bytes());
    let (output, sidecar) = (
        format!("--output={name}"),
        format!("--metadata={name}.json"),
    );
    let all = ["layer", "--fragment", "--manifest=m", &output, &sidecar];
    directory.tool(&[&all[..], arguments].concat()).text();
}

fn concat(directory: &Directory, names: &[&str], arguments: &[&str]) -> Answer {
    let mut all = vec![
        "concat".to_owned(),
        "--output=layer".to_owned(),
        "--metadata=json".to_owned(),
    ];
    for name in names {
        all.extend([
            format!("--fragment={name}"),
            format!("--sidecar={name}.json"),
        ]);
    }
    let all: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .chain(arguments.iter().copied())
        .collect();
    directory.tool(&all)
}

/// The lines of a list, sorted: the order of entries is another.
fn list(directory: &Directory) -> Vec<String> {
    let text = directory.tool(&["ls", "layer"]).text();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn the_entries_that_one_layer_would_have() {
    let directory = directory();
    for compression in COMPRESSIONS {
        let compress = ["--compress", compression];
        for (name, manifest) in ["0", "1", "2"].iter().zip(UNITS) {
            fragment(&directory, name, manifest, &compress);
        }
        let mut written = Vec::new();
        for threads in ["--threads=1", "--threads=4"] {
            concat(
                &directory,
                &["0", "1", "2"],
                &[&compress[..], &[threads, "--name=mine"]].concat(),
            )
            .text();
            written.push((directory.read("layer"), directory.read("json")));
        }
        written.dedup();
        assert_eq!(written.len(), 1, "{compression}");
        let concatenated = list(&directory);
        let joined: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        assert_eq!(joined["digest"], sha256(&directory.read("layer")));

        let script = match compression {
            "gzip" => "import sys, zlib; d = zlib.decompressobj(31); sys.stdout.buffer.write(d.decompress(open('layer', 'rb').read())); assert d.eof and not d.unused_data",
            "zstd" => "import subprocess; subprocess.run(['zstd', '-dcq'], stdin=open('layer', 'rb'), check=True)",
            _ => "import sys; sys.stdout.buffer.write(open('layer', 'rb').read())",
        };
        let tar = directory.run("python3", &["-c", script]);
        assert_eq!(
            (tar.code, tar.stderr.as_str()),
            (Some(0), ""),
            "{compression}"
        );
        assert_eq!(joined["diff_id"], sha256(&tar.stdout));
        assert_eq!(joined["uncompressed_size"], tar.stdout.len());

        // A directory comes before what it holds.
        let order = directory.tool(&["ls", "layer"]).text();
        let directories: Vec<_> = order.lines().map(|line| line.starts_with('d')).collect();
        assert!(
            directories.windows(2).all(|pair| pair[0] || !pair[1]),
            "{order}"
        );

        for (name, manifest) in ["m0", "m1", "m2"].iter().zip(UNITS) {
            directory.write(name, manifest.as_bytes());
        }
        directory
            .tool(&[
                "layer",
                "--manifest=m0",
                "--manifest=m1",
                "--manifest=m2",
                "--output=layer",
                "--metadata=json",
                "--name=mine",
                "--compress",
                compression,
            ])
            .text();
        assert_eq!(concatenated, list(&directory), "{compression}");
        let whole: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        for field in [
            "name",
            "media_type",
            "uncompressed_size",
            "entries",
            "files",
            "compression",
            "level",
            "compressor",
        ] {
            assert_eq!(joined[field], whole[field], "{field} of {compression}");
        }
    }
}

#[test]
fn without_a_diff_id_the_layer_is_the_same() {
    let directory = directory();
    for compression in COMPRESSIONS {
        fragment(&directory, "0", UNITS[0], &["--compress", compression]);
        concat(&directory, &["0"], &["--compress", compression]).text();
        let layer = directory.read("layer");
        let mut with: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        concat(
            &directory,
            &["0"],
            &["--compress", compression, "--no-diff-id"],
        )
        .text();
        let without: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        assert!(layer == directory.read("layer"));
        with.as_object_mut()
            .expect("an object")
            .remove("diff_id")
            .expect("a diffID");
        assert_eq!(with, without);
    }
}

/// Its chunks are larger compressed than they were.
#[test]
fn what_does_not_compress() {
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..6 << 20)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    let directory = Directory::new(&[("noise", &noise)]);
    fragment(&directory, "0", "./noise contents=noise\n", &[]);
    concat(&directory, &["0"], &[]).text();
    let joined: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
    let tar = directory.run("sh", &["-c", "gzip -dc <layer"]).stdout;
    assert_eq!(joined["diff_id"], sha256(&tar));
    let chunks: Value = serde_json::from_slice(&directory.read("0.json")).expect("JSON");
    let second = chunks["chunks"][1].as_u64().expect("a size");
    assert!(second > (3 << 20) + 2, "{second}");
}

#[test]
fn the_layer_and_its_metadata_on_their_own() {
    let directory = directory();
    for compression in COMPRESSIONS {
        fragment(&directory, "0", UNITS[0], &["--compress", compression]);
        concat(&directory, &["0"], &["--compress", compression]).text();
        for (flag, whole) in [("--output=alone", "layer"), ("--metadata=alone", "json")] {
            directory
                .tool(&[
                    "concat",
                    "--fragment=0",
                    "--sidecar=0.json",
                    "--compress",
                    compression,
                    flag,
                ])
                .text();
            assert!(
                directory.read("alone") == directory.read(whole),
                "{compression}"
            );
        }
    }
    let neither = directory.tool(&["concat", "--fragment=0", "--sidecar=0.json"]);
    assert_eq!(neither.code, Some(2), "{}", neither.stderr);
}

/// A layer's order, cut where no directory's entries stand on both sides but those of `below`.
#[test]
fn slices_are_the_very_tar_of_one_layer() {
    let directory = directory();
    let slices = [
        (
            "/",
            "./lib/s/a-b/x contents=small\n./lib/s/a/y contents=big\n",
        ),
        (
            "./lib/s",
            "./lib/s/c+d/z type=link link=..\n./lib/s/c type=dir\n",
        ),
        ("lib/s/", "./lib/s/d type=tree contents=tree\n"),
        // Another directory, and a file whose name begins as one.
        ("/lib", "./lib/t/a/e size=0\n./lib0 size=0\n"),
    ];
    for compression in COMPRESSIONS {
        let compress = ["--compress", compression];
        let mut manifests = Vec::new();
        for (number, (below, manifest)) in slices.iter().enumerate() {
            let (name, manifest) = (number.to_string(), format!("/set uid=7\n{manifest}"));
            let arguments = [&compress[..], &["--slice-below", below]].concat();
            fragment(&directory, &name, &manifest, &arguments);
            directory.write(&format!("m{name}"), manifest.as_bytes());
            manifests.push(format!("--manifest=m{name}"));
        }
        concat(&directory, &["0", "1", "2", "3"], &compress).text();
        let joined: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        let listed = directory.tool(&["ls", "layer"]).text();

        let manifests: Vec<_> = manifests.iter().map(String::as_str).collect();
        let whole = ["layer", "--by-path", "--output=layer", "--metadata=json"];
        directory
            .tool(&[&whole[..], &compress, &manifests].concat())
            .text();
        let whole: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        assert_eq!(
            listed,
            directory.tool(&["ls", "layer"]).text(),
            "{compression}"
        );
        for field in ["diff_id", "entries", "files", "uncompressed_size"] {
            assert_eq!(joined[field], whole[field], "{field} of {compression}");
        }
    }
    for wrong in [&["--slice-below=/"][..], &["--fragment", "--by-path"]] {
        let layer = ["layer", "--manifest=m0", "--output=x", "--metadata=json"];
        let answer = directory.tool(&[&layer, wrong].concat());
        assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    }
}

#[test]
fn no_fragments_are_an_empty_layer() {
    let directory = directory();
    for compression in COMPRESSIONS {
        concat(&directory, &[], &["--compress", compression]).text();
        assert_eq!(list(&directory), [""; 0]);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let directory = directory();
    let names = ["one", "two", "three", "four", "zstd", "level"];
    let manifests = [
        "./a/x contents=small\n",
        "./a/x contents=small\n",
        "./a type=dir mode=0700\n",
        "./a size=0\n",
        "./z size=0\n",
        "./l size=0\n",
    ];
    for (name, manifest) in names.iter().zip(manifests) {
        let arguments = match *name {
            "zstd" => &["--compress=zstd"][..],
            "level" => &["--level=1"],
            _ => &[],
        };
        fragment(&directory, name, manifest, arguments);
    }
    fragment(&directory, "five", "./a type=dir mode=0750\n", &[]);
    fragment(&directory, "alike", "./a type=dir mode=0700\n", &[]);
    concat(&directory, &["three", "alike"], &[]).text();
    assert_eq!(
        list(&directory),
        ["drwx------ 0/0 0 1970-01-01T00:00:00Z a"]
    );
    directory.write("six", b"");
    directory.write("six.json", b"{}");
    let before = directory.names();
    for (fragments, code, problem) in [
        (
            &["one", "two"][..],
            1,
            "two.json: a/x is also in one.json; keep one of them",
        ),
        (
            &["three", "five"],
            1,
            "five.json: directory a has another mode, owner or time in three.json; keep one of them",
        ),
        (
            &["one", "four"],
            1,
            "one.json: a is a directory here, but not in four.json; keep one of them",
        ),
        (
            &["one", "zstd"],
            1,
            "zstd.json: the compression of the fragment is zstd 3 by ",
        ),
        (&["level"], 1, "level.json: the compression of the fragment is gzip 1 by "),
        (
            &["six"],
            1,
            "six.json: not the sidecar of a fragment (missing field",
        ),
        (
            &["seven"],
            1,
            "cannot read seven.json: No such file or directory",
        ),
    ] {
        let answer = concat(&directory, fragments, &[]);
        answer.expect_refusal(&[code], problem);
        assert_eq!(directory.names(), before);
    }
    let answer = directory.tool(&[
        "concat",
        "--fragment=one",
        "--output=layer",
        "--metadata=json",
    ]);
    assert_eq!(answer.code, Some(2));
    assert!(
        answer
            .stderr
            .contains("1 --fragment, but 0 --sidecar; give one sidecar for each fragment"),
        "{}",
        answer.stderr
    );
    let answer = directory.tool(&["layer", "--fragment", "--manifest=m", "--output=layer"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("--metadata"), "{}", answer.stderr);
    assert_eq!(directory.names(), before);
}

#[test]
fn damage_is_found() {
    let directory = directory();
    for compression in COMPRESSIONS {
        fragment(&directory, "good", UNITS[0], &["--compress", compression]);
        let (bytes, sidecar) = (directory.read("good"), directory.read("good.json"));
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        let cases = vec![
            (
                bytes[..bytes.len() - 1].to_vec(),
                sidecar.clone(),
                "is cut short",
            ),
            (
                [&bytes[..], b"x"].concat(),
                sidecar.clone(),
                "is longer than its sidecar says",
            ),
            (
                bytes.clone(),
                sidecar[..sidecar.len() / 2].to_vec(),
                "not the sidecar of a fragment",
            ),
            // Seen by the checksum, or by what decompresses before.
            (flipped, sidecar.clone(), "write "),
        ];
        for (bytes, sidecar, problem) in cases {
            directory.write("bad", &bytes);
            directory.write("bad.json", &sidecar);
            let before = directory.names();
            let answer = concat(&directory, &["bad"], &["--compress", compression]);
            assert_eq!(answer.code, Some(1), "{compression}: {problem}");
            assert!(
                answer.stderr.contains(problem),
                "{problem}: {}",
                answer.stderr
            );
            assert!(
                answer.stderr.contains("bad") || answer.stderr.contains("layer: "),
                "{}",
                answer.stderr
            );
            assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
            assert_eq!(directory.names(), before, "{problem}");
        }
    }
}

/// One chunk, whatever compresses it.
const SMALL_UNIT: &str = "/set uid=1\n./lib/a/x contents=small\n./lib/a/y contents=small\n";

/// Changes the sidecar `bad.json` by a line of Python, and seals it as its writer would.
const CHANGE: &str = r#"
import hashlib, json, sys
s = json.load(open("good.json"))
exec(sys.argv[1])
s["seal"] = ""
text = json.dumps(s, separators=(",", ":"), ensure_ascii=False)
if "unsealed" not in sys.argv:
    s["seal"] = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
json.dump(s, open("bad.json", "w"), indent=1)
"#;

#[test]
fn sidecars_of_no_fragment() {
    let directory = directory();
    let again =
        "; write the fragment and its sidecar again, by this version of `layer --fragment`\n";
    for compression in COMPRESSIONS {
        let compress = ["--compress", compression];
        fragment(&directory, "good", SMALL_UNIT, &compress);
        directory.write("bad", &directory.read("good"));
        let mut cases = vec![
            (
                "s['folders'][0]['path'] = '../../etc'",
                "(path `../../etc` climbs out with `..`; write the path without it at line ",
            ),
            (
                "s['folders'][0]['path'] = '/etc'",
                "(path `/etc` has an empty name between its slashes",
            ),
            (
                "s['folders'][0]['path'] = 'l\\\\151b'",
                "(path `lib` is not escaped in the usual way at line ",
            ),
            (
                "s['folders'][0]['path'] = 'a/.wh.b'",
                "(path `a/.wh.b` has a name that begins with `.wh.`",
            ),
            (
                "s['folders'][0]['path'] = 'a' * 256",
                "of 256 bytes, and file systems take 255 at most",
            ),
            (
                "s['folders'][0]['mode'] = 2**32 - 1",
                "(directory lib: mode 4294967295 is over 4095 (07777) at line ",
            ),
            (
                "s['folders'][0]['mode'] = 2**32",
                "(invalid value: integer `4294967296`, expected u32 at line ",
            ),
            (
                "s['folders'][0]['nanoseconds'] = 2**32 - 1",
                "(directory lib: 4294967295 nanoseconds are a second or more at line ",
            ),
            (
                "s['folders'][0]['nanoseconds'] = 10**9",
                "(directory lib: 1000000000 nanoseconds are a second or more at line ",
            ),
            (
                "s['folders'][0]['seconds'] = -2**63",
                "(directory lib: its seconds are out of range at line ",
            ),
            (
                "s['folders'][0]['uid'] = -1",
                "(invalid value: integer `-1`, expected u64 at line ",
            ),
            (
                "s['folders'][0]['uname'] = 'u' * 256",
                "(directory lib: uname=uuu",
            ),
            (
                "s['folders'][0]['gname'] = 'a\\\\000b'",
                "(directory lib: gname=a\\000b holds a NUL byte",
            ),
            (
                "s['folders'][0]['parent_of'] = 'library/a'",
                "(directory lib: parent_of is not below it at line ",
            ),
            (
                "s['folders'][0]['parent_of'] = 'lib/../a'",
                "(path `lib/../a` climbs out with `..`",
            ),
            (
                "s['paths'][0] = 'lib/../x'",
                "(path `lib/../x` climbs out with `..`; write the path without it at line ",
            ),
            (
                "s['paths'][0] = '\\\\154ib/a/x'",
                "(path `lib/a/x` is not escaped in the usual way at line ",
            ),
            (
                "s['files'] = len(s['paths']) + 1",
                "bad.json: it has more files than paths; ",
            ),
            (
                "s['files'] = 2**64 - 1",
                "bad.json: it has more files than paths; ",
            ),
            (
                "s['compression'] = 'bzip2'",
                "bad.json: not the sidecar of a fragment (unknown variant `bzip2`, expected one of `gzip`, `zstd`, `none`",
            ),
        ];
        cases.extend(match compression {
            "gzip" => vec![
                (
                    "s['size'] += 1",
                    "bad.json: its chunks do not add up to its size; ",
                ),
                (
                    "s['chunks'].append(2**64 - 1)",
                    "bad.json: its chunks do not add up to its size; ",
                ),
                (
                    "s['chunks'].append(0)",
                    "bad.json: it has a chunk of an impossible size; ",
                ),
                (
                    "s['size'] = (6 << 20) + 1; s['chunks'] = [s['size']]",
                    "bad.json: it has a chunk of an impossible size; ",
                ),
                (
                    "s['size'] = 7 << 20; s['chunks'] = [s['size']]",
                    "bad.json: it has a chunk of an impossible size; ",
                ),
                (
                    "s['size'] += 1; s['chunks'].append(1)",
                    "bad.json: its number of chunks does not fit its uncompressed_size; ",
                ),
                (
                    "s['uncompressed_size'] = 2**64 - 1",
                    "bad.json: its number of chunks does not fit its uncompressed_size; ",
                ),
            ],
            "zstd" => vec![(
                "s['chunks'] = [s['size']]",
                "bad.json: it has chunks, which only a gzip fragment has; ",
            )],
            _ => vec![
                (
                    "s['chunks'] = [s['size']]",
                    "bad.json: it has chunks, which only a gzip fragment has; ",
                ),
                (
                    "s['size'] = 2**64 - 1",
                    "bad.json: its size and uncompressed_size differ; ",
                ),
            ],
        });
        let change = |change: &str, sealed: &str| {
            directory
                .run("python3", &["-c", CHANGE, change, sealed])
                .text();
        };
        let refused = |problem: &str, outputs: &[&str]| {
            let before = directory.names();
            let parts = ["concat", "--fragment=bad", "--sidecar=bad.json"];
            let answer = directory.tool(&[&parts[..], &compress, outputs].concat());
            answer.expect_refusal(&[1], problem);
            assert_eq!(directory.names(), before, "{problem}");
            answer.stderr
        };
        let both = ["--output=layer", "--metadata=json"];
        for (line, problem) in cases {
            change(line, "");
            for outputs in [&both[..1], &both[1..]] {
                let answer = refused(problem, outputs);
                assert!(answer.ends_with(again), "{answer}");
            }
        }
        let good = "s['folders'][0].update(mode=0o7777, nanoseconds=999999999)";
        change(good, "");
        directory
            .tool(
                &[
                    &[
                        "concat",
                        "--fragment=bad",
                        "--sidecar=bad.json",
                        "--output=whole",
                    ][..],
                    &compress,
                ]
                .concat(),
            )
            .text();
        if compression == "gzip" {
            // As much as a chunk may have, and more than there is.
            change("s['size'] = 6 << 20; s['chunks'] = [s['size']]", "");
            refused("bad: the fragment is cut short; ", &both);
        }
        // What only reading all of the fragment would show, its writer vouches for.
        for line in [
            "s['crc'] ^= 1",
            "s['checksum'] ^= 1",
            "s['uncompressed_size'] ^= 512; s['size'] ^= 512 if not s['level'] else 0",
            "s['digest'] = s['digest'].replace('a', 'b')",
            "s['folders'][0]['mode'] = 0",
            "s['paths'].reverse()",
        ] {
            change(line, "unsealed");
            refused(
                "bad.json: it was changed after it was written; ",
                &both[..1],
            );
        }
        let decompressed = "does not decompress to what its sidecar says";
        if compression != "none" {
            change("s['uncompressed_size'] ^= 512", "");
            refused(decompressed, &both);
        }
        if compression == "gzip" {
            change("s['crc'] ^= 1", "");
            refused(decompressed, &both);
        }
        change("s['checksum'] ^= 1", "");
        refused("bad: the fragment does not belong to its sidecar; ", &both);
    }
}

/// A layer that is written without being read has the CRC-32 and size that its sidecars say. Where
/// these are false although they are sealed, the layer says so to all that look (bsdtar does not).
#[test]
fn a_layer_of_a_false_sidecar_is_refused_by_its_readers() {
    let directory = directory();
    let tool = crate::directory::tool();
    let tool = tool.to_str().expect("text");
    for line in [
        "s['crc'] ^= 1",
        "s['uncompressed_size'] ^= 512",
        "s['crc'] ^= 1; s['uncompressed_size'] ^= 512",
    ] {
        fragment(&directory, "good", UNITS[0], &[]);
        directory.write("bad", &directory.read("good"));
        directory.run("python3", &["-c", CHANGE, line, ""]).text();
        directory
            .tool(&[
                "concat",
                "--fragment=bad",
                "--sidecar=bad.json",
                "--output=layer",
            ])
            .text();
        let read = "import gzip; gzip.open('layer').read()";
        for command in [
            &[tool, "describe", "layer", "--metadata=json"][..],
            &[tool, "ls", "layer"],
            &[tool, "files", "layer", "--output=files"],
            &["sh", "-c", "gzip --test <layer"],
            &["tar", "--list", "--gzip", "--file=layer"],
            &["python3", "-c", read],
        ] {
            let answer = directory.run(command[0], &command[1..]);
            let said = format!("{command:?} of {line}: {:?}", answer.stderr);
            assert!(answer.code != Some(0), "{said}");
            let is_named = ["checksum", "crc", "CRC", "length", "size"]
                .iter()
                .any(|word| answer.stderr.contains(word));
            assert!(is_named, "{said}");
        }
    }
}

/// Sizes that a sum of two does not hold.
#[test]
fn fragments_of_more_than_any_file_has() {
    let directory = directory();
    fragment(&directory, "good", UNITS[0], &["--compress=zstd"]);
    let change = "s['uncompressed_size'] = 2**64 - 512";
    directory.run("python3", &["-c", CHANGE, change]).text();
    fragment(&directory, "other", UNITS[1], &["--compress=zstd"]);
    directory.write("bad", &directory.read("good"));
    for output in ["--output=layer", "--metadata=json"] {
        directory
            .tool(&[
                "concat",
                "--compress=zstd",
                "--fragment=bad",
                "--sidecar=bad.json",
                "--fragment=other",
                "--sidecar=other.json",
                output,
            ])
            .expect_refusal(
                &[1],
                "the layer would be larger than any file; write the fragment",
            );
    }
}
