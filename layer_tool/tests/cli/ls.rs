//! The three forms of a list.

use crate::directory::{tool, Directory};
use crate::layer::COMPRESSIONS;
use serde_json::{json, Value};

const MANIFEST: &str = "\
./d type=dir mode=0750 uid=3 gid=4 uname=user gname=group time=1672560000
./d/a\\040b\\377 contents=a mode=4755 time=1.5
./d/link type=link link=a\\040b time=0
";

#[test]
fn every_form_of_every_compression() {
    let directory = Directory::new(&[("a", b"content")]);
    for compression in COMPRESSIONS {
        directory
            .layer(MANIFEST, &["--compress", compression])
            .text();
        assert_eq!(
            directory.tool(&["ls", "layer"]).text(),
            "drwxr-x--- 3/4 0 2023-01-01T08:00:00Z d\n\
             -rwsr-xr-x 0/0 7 1970-01-01T00:00:01.000000005Z d/a\\040b\\377\n\
             lrwxrwxrwx 0/0 0 1970-01-01T00:00:00Z d/link -> a\\040b\n",
            "{compression}"
        );
        assert_eq!(
            directory.tool(&["ls", "--format=mtree", "layer"]).text(),
            "#mtree\n\
             ./d type=dir mode=0750 uid=3 gid=4 time=1672560000 uname=user gname=group\n\
             ./d/a\\040b\\377 type=file mode=4755 uid=0 gid=0 size=7 time=1.5\n\
             ./d/link type=link mode=0777 uid=0 gid=0 time=0 link=a\\040b\n"
        );
        let json: Value =
            serde_json::from_str(&directory.tool(&["ls", "--format=json", "layer"]).text())
                .expect("JSON");
        assert_eq!(
            json,
            json!([
                {"path": "d", "type": "dir", "mode": "0750", "uid": 3, "gid": 4, "uname": "user",
                 "gname": "group", "size": 0, "time": "2023-01-01T08:00:00Z"},
                {"path": "d/a\\040b\\377", "type": "file", "mode": "4755", "uid": 0, "gid": 0,
                 "size": 7, "time": "1970-01-01T00:00:01.000000005Z"},
                {"path": "d/link", "type": "symlink", "mode": "0777", "uid": 0, "gid": 0,
                 "size": 0, "time": "1970-01-01T00:00:00Z", "link": "a\\040b"},
            ])
        );
    }
}

#[test]
fn a_layer_cut_short_or_of_something_else_is_an_error() {
    let directory = Directory::new(&[("a", &crate::layer::big())]);
    for compression in COMPRESSIONS {
        directory
            .layer("./a contents=a\n", &["--compress", compression])
            .text();
        let layer = directory.read("layer");
        directory.write("cut", &layer[..layer.len() / 2]);
        let answer = directory.tool(&["ls", "cut"]);
        assert_eq!(answer.code, Some(1), "{compression}");
        assert!(
            answer.stderr.starts_with("layer_tool: cannot list cut: "),
            "{}",
            answer.stderr
        );
        assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
    }
    directory.write("text", &[b'x'; 1024]);
    assert_eq!(directory.tool(&["ls", "text"]).code, Some(1));
    let answer = directory.tool(&["ls", "missing"]);
    assert_eq!(answer.code, Some(1));
    assert!(
        answer
            .stderr
            .starts_with("layer_tool: cannot read missing: "),
        "{}",
        answer.stderr
    );
}

#[test]
fn the_mtree_form_makes_the_layer_again() {
    let directory = Directory::new(&[]);
    let manifest = r"
./d\040x type=dir mode=01777 uid=3000000000
./d\303\251j\303\240/empty size=0 gid=4
./link type=link link=\043\040elsewhere mode=0755
./raw\377 size=0 mode=04711
./times size=0 time=1672560000.250000000 uname=user gname=group
./unix size=0 time=-1.5
";
    for compression in COMPRESSIONS {
        let compress = ["--compress", compression];
        directory.layer(manifest, &compress).text();
        let layer = directory.read("layer");
        let list = directory.tool(&["ls", "--format=mtree", "layer"]).text();
        directory.layer(&list, &compress).text();
        assert!(directory.read("layer") == layer, "{compression}: {list}");
        // Standard input is taken for a layer, too.
        let piped = directory.run(
            "sh",
            &[
                "-c",
                "exec \"$0\" ls --format=mtree - <layer",
                tool().to_str().expect("text"),
            ],
        );
        assert_eq!(piped.text(), list);
    }
}

#[test]
fn layers_of_other_programs() {
    let directory = Directory::new(&[("d/a", b"content")]);
    let long = "n".repeat(120);
    std::fs::copy(directory.path("d/a"), directory.path(format!("d/{long}"))).expect("a copy");
    std::os::unix::fs::symlink(&long, directory.path("d/link")).expect("a link");
    let tar = "--sort=name --mtime=@7 --owner=3 --group=4 --numeric-owner --mode=u=rwX,go=";
    for (format, compress) in [("gnu", "--gzip"), ("pax", "--zstd"), ("posix", "")] {
        let script = format!("tar -cf layer {tar} --format={format} {compress} ./d");
        directory.run("sh", &["-c", &script]).text();
        assert_eq!(
            directory.tool(&["ls", "layer"]).text(),
            format!(
                "drwx------ 3/4 0 1970-01-01T00:00:07Z ./d\n\
                 -rw------- 3/4 7 1970-01-01T00:00:07Z ./d/a\n\
                 lrwx------ 3/4 0 1970-01-01T00:00:07Z ./d/link -> {long}\n\
                 -rw------- 3/4 7 1970-01-01T00:00:07Z ./d/{long}\n"
            ),
            "{format}"
        );
    }
    directory
        .run("sh", &["-c", "mkfifo pipe && tar -cf layer pipe"])
        .text();
    let list = directory.tool(&["ls", "layer"]).text();
    assert!(list.starts_with("prw-"), "{list}");
}

/// Whatever reads a layer says what is wrong with its compression, and what to do.
#[test]
fn a_cut_damaged_or_padded_layer_is_told_apart() {
    let directory = Directory::new(&[("a", &crate::layer::big())]);
    for (format, part, bytes) in [
        ("gzip", "gzip member", "DIFF"),
        ("zstd", "zstd frame", "NONE"),
    ] {
        directory
            .layer("./a contents=a\n", &["--compress", format])
            .text();
        let layer = directory.read("layer");
        let mut damaged = layer.clone();
        let middle = layer.len() / 2;
        // Of zstd, a block's header: no sum says what is in it.
        let damage = if format == "zstd" { 6 } else { middle };
        for byte in &mut damaged[damage..damage + 8] {
            *byte ^= 0x5a;
        }
        let followed = format!(
            "other bytes follow its last {part}, and some runtimes refuse such layers; \
             cut them off, or compress the tar again"
        );
        let cases = [
            (
                "cut",
                layer[..middle].to_vec(),
                format!("its {format} data ends too early; fetch or write it again"),
            ),
            (
                "damaged",
                damaged,
                format!("its {format} data is damaged ("),
            ),
            ("zeros", [&layer[..], &[0; 512]].concat(), followed.clone()),
            ("text", [&layer[..], bytes.as_bytes()].concat(), followed),
        ];
        for (name, bytes, message) in cases {
            directory.write(name, &bytes);
            for command in [
                &["ls", name][..],
                &["files", name, "--output=out"],
                &["describe", name, "--metadata=out"],
            ] {
                let answer = directory.tool(command);
                answer.expect_refusal(&[1], &message);
                assert!(!directory.path("out").exists(), "{format} {command:?}");
            }
        }
        // More members and frames are a layer's own.
        directory
            .layer("./b contents=a\n", &["--compress", format])
            .text();
        directory.write("none", b"");
        let empty = match format {
            "gzip" => "gzip -c none >>layer",
            _ => "python3 -c 'import sys; sys.stdout.buffer.write(bytes([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9]))' >>layer",
        };
        directory.run("sh", &["-c", empty]).text();
        directory.tool(&["ls", "layer"]).text();
        directory
            .tool(&["describe", "layer", "--metadata=json"])
            .text();
    }
}

#[test]
fn a_corrupt_layer_is_an_error() {
    let directory = Directory::new(&[("a", &crate::layer::big())]);
    for (compression, at) in [
        // A reserved type of block, a reserved bit of a frame, the checksum of a header.
        ("gzip", 10),
        ("zstd", 4),
        ("none", 0),
    ] {
        directory
            .layer("./a contents=a\n", &["--compress", compression])
            .text();
        let mut layer = directory.read("layer");
        layer[at] |= 0x1e;
        directory.write("layer", &layer);
        let answer = directory.tool(&["ls", "layer"]);
        assert_eq!(
            (answer.code, answer.stdout),
            (Some(1), Vec::new()),
            "{compression}"
        );
        assert!(
            answer.stderr.starts_with("layer_tool: cannot list layer: "),
            "{}",
            answer.stderr
        );
        assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
    }
}

/// A flipped or missing bit after the entries, and archives without an end.
#[test]
fn the_end_of_a_layer_is_read_too() {
    let directory = Directory::new(&[("a", &[7; 5000])]);
    for compression in COMPRESSIONS {
        directory
            .layer("./a contents=a\n", &["--compress", compression])
            .text();
        let layer = directory.read("layer");
        let mut changed = vec![layer[..layer.len() - 1].to_vec(), Vec::new()];
        match compression {
            "gzip" => {
                let mut flipped = layer.clone();
                flipped[layer.len() - 8] ^= 1;
                changed.push(flipped);
            }
            "none" => changed.push(layer[..layer.len() - 1024].to_vec()),
            _ => {}
        }
        for layer in changed {
            directory.write("layer", &layer);
            let answer = directory.tool(&["ls", "layer"]);
            assert_eq!(answer.code, Some(1), "{compression} of {}", layer.len());
            assert_eq!(answer.stdout, b"");
        }
    }
}
