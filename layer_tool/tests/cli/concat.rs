//! Fragments, and layers made of them.

use crate::folder::{Answer, Folder};
use crate::layer::{big, sha256, COMPRESSIONS};
use serde_json::Value;

/// Parents that units share, are owned by the first below them, or are named by one.
const UNITS: [&str; 3] = [
    "/set uid=1\n./lib/a/x contents=small\n./lib/a/y contents=big\n./lib/a/y2 contents=big\n./top size=0\n",
    "/set uid=2\n./lib/b/z contents=small mode=0755\n./lib/a-b/link type=link link=../a\n./lib/b/d\\303\\251 size=0\n",
    "/set uid=3 gid=9\n./lib/a type=dir mode=0700\n./lib type=tree contents=tree\n./empty type=dir uname=u time=5.5\n",
];

fn folder() -> Folder {
    Folder::new(&[
        ("big", &big()),
        ("small", b"small"),
        ("tree/0/f", b"tree"),
        ("tree/c/w", b"tree"),
    ])
}

/// Writes the fragment `NAME` and its sidecar `NAME.json`.
fn fragment(folder: &Folder, name: &str, manifest: &str, arguments: &[&str]) {
    folder.write("m", manifest.as_bytes());
    let (output, sidecar) = (
        format!("--output={name}"),
        format!("--metadata={name}.json"),
    );
    let all = ["layer", "--fragment", "--manifest=m", &output, &sidecar];
    folder.tool(&[&all[..], arguments].concat()).text();
}

fn concat(folder: &Folder, names: &[&str], arguments: &[&str]) -> Answer {
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
    folder.tool(&all)
}

/// The lines of a list, sorted: the order of entries is another.
fn list(folder: &Folder) -> Vec<String> {
    let text = folder.tool(&["ls", "layer"]).text();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn the_entries_that_one_layer_would_have() {
    let folder = folder();
    for compression in COMPRESSIONS {
        let compress = ["--compress", compression];
        for (name, manifest) in ["0", "1", "2"].iter().zip(UNITS) {
            fragment(&folder, name, manifest, &compress);
        }
        let mut written = Vec::new();
        for threads in ["--threads=1", "--threads=4"] {
            concat(
                &folder,
                &["0", "1", "2"],
                &[&compress[..], &[threads, "--name=mine"]].concat(),
            )
            .text();
            written.push((folder.read("layer"), folder.read("json")));
        }
        written.dedup();
        assert_eq!(written.len(), 1, "{compression}");
        let concatenated = list(&folder);
        let joined: Value = serde_json::from_slice(&folder.read("json")).expect("JSON");
        assert_eq!(joined["digest"], sha256(&folder.read("layer")));

        let script = match compression {
            "gzip" => "import sys, zlib; d = zlib.decompressobj(31); sys.stdout.buffer.write(d.decompress(open('layer', 'rb').read())); assert d.eof and not d.unused_data",
            "zstd" => "import subprocess; subprocess.run(['zstd', '-dcq'], stdin=open('layer', 'rb'), check=True)",
            _ => "import sys; sys.stdout.buffer.write(open('layer', 'rb').read())",
        };
        let tar = folder.run("python3", &["-c", script]);
        assert_eq!(
            (tar.code, tar.stderr.as_str()),
            (Some(0), ""),
            "{compression}"
        );
        assert_eq!(joined["diff_id"], sha256(&tar.stdout));
        assert_eq!(joined["uncompressed_size"], tar.stdout.len());

        // A folder comes before what it holds.
        let order = folder.tool(&["ls", "layer"]).text();
        let folders: Vec<_> = order.lines().map(|line| line.starts_with('d')).collect();
        assert!(
            folders.windows(2).all(|pair| pair[0] || !pair[1]),
            "{order}"
        );

        for (name, manifest) in ["m0", "m1", "m2"].iter().zip(UNITS) {
            folder.write(name, manifest.as_bytes());
        }
        folder
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
        assert_eq!(concatenated, list(&folder), "{compression}");
        let whole: Value = serde_json::from_slice(&folder.read("json")).expect("JSON");
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
    let folder = folder();
    for compression in COMPRESSIONS {
        fragment(&folder, "0", UNITS[0], &["--compress", compression]);
        concat(&folder, &["0"], &["--compress", compression]).text();
        let layer = folder.read("layer");
        let mut with: Value = serde_json::from_slice(&folder.read("json")).expect("JSON");
        concat(
            &folder,
            &["0"],
            &["--compress", compression, "--no-diff-id"],
        )
        .text();
        let without: Value = serde_json::from_slice(&folder.read("json")).expect("JSON");
        assert!(layer == folder.read("layer"));
        with.as_object_mut()
            .expect("an object")
            .remove("diff_id")
            .expect("a diffID");
        assert_eq!(with, without);
    }
}

#[test]
fn the_layer_and_its_metadata_on_their_own() {
    let folder = folder();
    for compression in COMPRESSIONS {
        fragment(&folder, "0", UNITS[0], &["--compress", compression]);
        concat(&folder, &["0"], &["--compress", compression]).text();
        for (flag, whole) in [("--output=alone", "layer"), ("--metadata=alone", "json")] {
            folder
                .tool(&[
                    "concat",
                    "--fragment=0",
                    "--sidecar=0.json",
                    "--compress",
                    compression,
                    flag,
                ])
                .text();
            assert!(folder.read("alone") == folder.read(whole), "{compression}");
        }
    }
    let neither = folder.tool(&["concat", "--fragment=0", "--sidecar=0.json"]);
    assert_eq!(neither.code, Some(2), "{}", neither.stderr);
}

/// A layer's order, cut where no folder's entries stand on both sides but those of `below`.
#[test]
fn slices_are_the_very_tar_of_one_layer() {
    let folder = folder();
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
        // Another folder, and a file whose name begins as one.
        ("/lib", "./lib/t/a/e size=0\n./lib0 size=0\n"),
    ];
    for compression in COMPRESSIONS {
        let compress = ["--compress", compression];
        let mut manifests = Vec::new();
        for (number, (below, manifest)) in slices.iter().enumerate() {
            let (name, manifest) = (number.to_string(), format!("/set uid=7\n{manifest}"));
            let arguments = [&compress[..], &["--slice-below", below]].concat();
            fragment(&folder, &name, &manifest, &arguments);
            folder.write(&format!("m{name}"), manifest.as_bytes());
            manifests.push(format!("--manifest=m{name}"));
        }
        concat(&folder, &["0", "1", "2", "3"], &compress).text();
        let joined: Value = serde_json::from_slice(&folder.read("json")).expect("JSON");
        let listed = folder.tool(&["ls", "layer"]).text();

        let manifests: Vec<_> = manifests.iter().map(String::as_str).collect();
        let whole = ["layer", "--by-path", "--output=layer", "--metadata=json"];
        folder
            .tool(&[&whole[..], &compress, &manifests].concat())
            .text();
        let whole: Value = serde_json::from_slice(&folder.read("json")).expect("JSON");
        assert_eq!(
            listed,
            folder.tool(&["ls", "layer"]).text(),
            "{compression}"
        );
        for field in ["diff_id", "entries", "files", "uncompressed_size"] {
            assert_eq!(joined[field], whole[field], "{field} of {compression}");
        }
    }
    for wrong in [&["--slice-below=/"][..], &["--fragment", "--by-path"]] {
        let layer = ["layer", "--manifest=m0", "--output=x", "--metadata=json"];
        let answer = folder.tool(&[&layer, wrong].concat());
        assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    }
}

#[test]
fn no_fragments_are_an_empty_layer() {
    let folder = folder();
    for compression in COMPRESSIONS {
        concat(&folder, &[], &["--compress", compression]).text();
        assert_eq!(list(&folder), [""; 0]);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = folder();
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
        fragment(&folder, name, manifest, arguments);
    }
    fragment(&folder, "five", "./a type=dir mode=0750\n", &[]);
    folder.write("six", b"");
    folder.write("six.json", b"{}");
    let before = folder.names();
    for (fragments, code, problem) in [
        (
            &["one", "two"][..],
            1,
            "two.json: a/x stands in one.json too; keep one of them",
        ),
        (
            &["three", "five"],
            1,
            "five.json: folder a has another mode, owner or time in three.json; keep one of them",
        ),
        (
            &["one", "four"],
            1,
            "one.json: a is a folder, and no folder in four.json; keep one of them",
        ),
        (
            &["one", "zstd"],
            1,
            "zstd.json: the fragment is of zstd 3 by ",
        ),
        (&["level"], 1, "level.json: the fragment is of gzip 1 by "),
        (
            &["six"],
            1,
            "six.json: no sidecar of a fragment (missing field",
        ),
        (
            &["seven"],
            1,
            "cannot read seven.json: No such file or directory",
        ),
    ] {
        let answer = concat(&folder, fragments, &[]);
        answer.expect_refusal(&[code], problem);
        assert_eq!(folder.names(), before);
    }
    let answer = folder.tool(&[
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
    let answer = folder.tool(&["layer", "--fragment", "--manifest=m", "--output=layer"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("--metadata"), "{}", answer.stderr);
    assert_eq!(folder.names(), before);
}

#[test]
fn damage_is_found() {
    let folder = folder();
    for compression in COMPRESSIONS {
        fragment(&folder, "good", UNITS[0], &["--compress", compression]);
        let (bytes, sidecar) = (folder.read("good"), folder.read("good.json"));
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        let changed = |from: &str, to: &str| {
            let text = String::from_utf8(sidecar.clone()).expect("text");
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1).into_bytes()
        };
        let mut cases = vec![
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
                changed("\"checksum\": ", "\"checksum\": 1"),
                "",
            ),
            (
                bytes.clone(),
                sidecar[..sidecar.len() / 2].to_vec(),
                "no sidecar of a fragment",
            ),
            // Seen by the checksum, or by what decompresses before.
            (flipped, sidecar.clone(), "write "),
        ];
        if compression != "none" {
            cases.push((
                bytes.clone(),
                changed("\"uncompressed_size\": ", "\"uncompressed_size\": 1"),
                "does not decompress to what its sidecar says",
            ));
        }
        if compression == "gzip" {
            cases.push((
                bytes.clone(),
                changed("\"chunks\": [\n", "\"chunks\": [\n1,\n"),
                "chunks are not all of the fragment",
            ));
        }
        for (bytes, sidecar, problem) in cases {
            folder.write("bad", &bytes);
            folder.write("bad.json", &sidecar);
            let before = folder.names();
            let answer = concat(&folder, &["bad"], &["--compress", compression]);
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
            assert_eq!(folder.names(), before, "{problem}");
        }
    }
}
