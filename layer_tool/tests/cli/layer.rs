//! What stands in a layer and its metadata.

use crate::directory::{tool, Directory};
use layer::tar::{self, Limits};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::sync::OnceLock;

pub const COMPRESSIONS: [&str; 3] = ["gzip", "zstd", "none"];

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |text, byte| {
            format!("{text}{byte:02x}")
        })
}

/// More than one chunk of every compressor, and no repetition of one.
pub fn big() -> Vec<u8> {
    static BIG: OnceLock<Vec<u8>> = OnceLock::new();
    let make = || {
        let mut state = 1_u32;
        (0..5 << 20)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Seven bits of noise compress a little.
                (state >> 25) as u8
            })
            .collect()
    };
    BIG.get_or_init(make).clone()
}

#[test]
fn the_same_bytes_by_every_number_of_threads() {
    let directory = Directory::new(&[("big", &big()), ("small", b"small")]);
    let manifest = "./big contents=big\n./small contents=small\n";
    for compression in COMPRESSIONS {
        let compress = format!("--compress={compression}");
        let mut written = Vec::new();
        for threads in ["--threads=1", "--threads=2", "--threads=4"] {
            directory.layer(manifest, &[&compress, threads]).text();
            written.push((directory.read("layer"), directory.read("json")));
        }
        // Nor does it matter in which order, or in how many manifests, the entries stand.
        directory.write("m1", b"small contents=small size=5\n");
        directory.write("m2", b"#mtree\n/set type=file\n/big contents=./big\n");
        directory
            .tool(&[
                "layer",
                "--manifest=m1",
                "--manifest=m2",
                "--output=layer",
                "--metadata=json",
                &compress,
            ])
            .text();
        written.push((directory.read("layer"), directory.read("json")));
        written.dedup();
        assert_eq!(written.len(), 1, "{compression}");
    }
}

#[test]
fn metadata_is_of_the_bytes_written() {
    let directory = Directory::new(&[("big", &big()), ("small", b"small")]);
    let manifest = "./d/big contents=big\n./d/small contents=small\n./d/link type=link link=big\n";
    for (compression, arguments, decompress, level) in [
        ("gzip", &["--level=1"][..], &["gzip", "-dc"][..], Some(1)),
        ("zstd", &[], &["zstd", "-dcq"], Some(3)),
        ("none", &[], &["cat"], None),
    ] {
        let compress = format!("--compress={compression}");
        let all = [&[compress.as_str(), "--name=mine"], arguments].concat();
        directory.layer(manifest, &all).text();
        let layer = directory.read("layer");
        let script = format!("{} <layer", decompress.join(" "));
        let tar = directory.run("sh", &["-c", &script]);
        assert_eq!((tar.code, tar.stderr.as_str()), (Some(0), ""));
        let mut metadata: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        let object = metadata.as_object_mut().expect("an object");
        // Its version is that of the build.
        assert_eq!(object.remove("compressor").is_some(), compression != "none");
        let used = object.remove("level").and_then(|level| level.as_u64());
        assert_eq!(used, level, "{compression}");
        let suffix = match compression {
            "none" => String::new(),
            other => format!("+{other}"),
        };
        assert_eq!(
            metadata,
            json!({
                "name": "mine",
                "media_type": format!("application/vnd.oci.image.layer.v1.tar{suffix}"),
                "digest": sha256(&layer),
                "diff_id": sha256(&tar.stdout),
                "size": layer.len(),
                "uncompressed_size": tar.stdout.len(),
                "entries": 4,
                "files": 2,
                "machines": {},
                "compression": compression,
            })
        );
    }
}

#[test]
fn files_that_are_alike_follow_all_else_by_name_unless_by_path() {
    let directory = Directory::new(&[("x", b"x")]);
    let manifest = "./a/index.js contents=x\n./a/b.js type=link link=index.js\n\
        ./b/index.d.ts contents=x\n./b/index.js contents=x\n./b/z.so contents=x\n./c.js/d contents=x\n\
        ./c.js/a.JS contents=x\n./index.js contents=x\n./js contents=x\n";
    let order = |arguments| {
        directory.layer(manifest, arguments).text();
        let list = directory.tool(&["ls", "layer", "--format", "json"]).text();
        let list: Vec<Value> = serde_json::from_str(&list).expect("JSON");
        let paths = list.iter().filter_map(|entry| entry["path"].as_str());
        paths.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        order(&[]),
        "a a/b.js b b/z.so c.js c.js/a.JS c.js/d js b/index.d.ts a/index.js b/index.js index.js"
    );
    assert_eq!(
        order(&["--by-path"]),
        "./a ./a/b.js ./a/index.js ./b ./b/index.d.ts ./b/index.js ./b/z.so ./c.js ./c.js/a.JS \
         ./c.js/d ./index.js ./js"
    );
}

#[test]
fn identical_files_are_hard_links_unless_by_path() {
    let content = vec![b'x'; 4096];
    let directory = Directory::new(&[
        ("a", &content),
        ("b", &content),
        ("small", b"x"),
        ("tiny", b"x"),
    ]);
    let manifest = "/set time=0\n./2 contents=b\n./1 contents=a\n./3 contents=b mode=0755\n\
        ./4 contents=small\n./5 contents=tiny\n";
    let list = |arguments| {
        directory.layer(manifest, arguments).text();
        directory
            .tool(&["ls", "layer"])
            .text()
            .replace(" 1970-01-01T00:00:00Z", "")
    };
    assert_eq!(
        list(&[]),
        "-rw-r--r-- 0/0 4096 1\nhrw-r--r-- 0/0 0 2 link to 1\n-rwxr-xr-x 0/0 4096 3\n\
         -rw-r--r-- 0/0 1 4\n-rw-r--r-- 0/0 1 5\n"
    );
    assert_eq!(
        list(&["--by-path"]),
        "-rw-r--r-- 0/0 4096 ./1\n-rw-r--r-- 0/0 4096 ./2\n-rwxr-xr-x 0/0 4096 ./3\n\
         -rw-r--r-- 0/0 1 ./4\n-rw-r--r-- 0/0 1 ./5\n"
    );
}

#[test]
fn files_are_whole_wherever_a_chunk_ends() {
    const CHUNK: usize = 3 << 20;
    let big = big();
    let (middle, last) = (&big[..100_000], &big[1..]);
    let directory = Directory::new(&[("middle", middle), ("last", last)]);
    let manifest =
        "./1 contents=first\n./2 contents=middle\n./3 contents=middle\n./4 contents=last\n";
    // The header of the second file begins so many bytes before a chunk ends.
    for before in [0, 512, 1024, 64 << 10, 65 << 10, 128 << 10, 129 << 10] {
        let first = &big[..CHUNK - before - 512];
        directory.write("first", first);
        directory.layer(manifest, &["--compress=none"]).text();
        let layer = directory.read("layer");
        let mut contents = Vec::new();
        tar::read(&layer[..], Limits::default(), |entry, reader| {
            let mut content = Vec::new();
            reader.read_to_end(&mut content)?;
            contents.push((entry.link, content));
            Ok(())
        })
        .expect("a layer");
        let file = |content: &[u8]| (None, content.to_vec());
        let link = (Some(b"2".to_vec()), Vec::new());
        assert!(
            contents == [file(first), file(middle), link, file(last)],
            "{before} bytes before the end of a chunk"
        );
        for compress in ["--compress=gzip", "--compress=zstd"] {
            directory.layer(manifest, &[compress]).text();
            let metadata: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
            assert_eq!(metadata["diff_id"], sha256(&layer), "{before}, {compress}");
        }
    }
}

#[test]
fn trees_are_walked_in_order_and_parents_come_first_once() {
    let directory = Directory::new(&[("t/b/z", b"1"), ("t/b-c", b"22"), ("t/a", b"")]);
    std::os::unix::fs::symlink("b", directory.path("t/linked")).expect("a link");
    directory
        .layer(
            "/set time=0 uid=5\n./x/t type=tree contents=t mode=0640 dmode=0750\n./x/y/z size=0\n",
            &["--compress=none"],
        )
        .text();
    let list = directory.tool(&["ls", "layer"]).text();
    assert_eq!(
        list.replace(" 1970-01-01T00:00:00Z", ""),
        "drwxr-x--- 5/0 0 x\ndrwxr-x--- 5/0 0 x/t\n-rw-r----- 5/0 0 x/t/a\ndrwxr-x--- 5/0 0 x/t/b\n\
         -rw-r----- 5/0 2 x/t/b-c\n-rw-r----- 5/0 1 x/t/b/z\ndrwxr-x--- 5/0 0 x/t/linked\n\
         -rw-r----- 5/0 1 x/t/linked/z\ndrwxr-xr-x 5/0 0 x/y\n-rw-r--r-- 5/0 0 x/y/z\n"
    );
}

#[test]
fn directories_that_no_line_names_and_links_have_their_own_modes() {
    let directory = Directory::new(&[("t/a/b", b"1")]);
    std::fs::create_dir(directory.path("t/empty")).expect("a directory");
    std::os::unix::fs::symlink("../t", directory.path("link")).expect("a link");
    directory
        .layer(
            "/set time=0 mode=0555 dmode=0700 lmode=0775\n./x/t type=tree contents=t\n\
             ./y/l type=artifact contents=link\n./y/f type=artifact contents=t/a/b\n",
            &["--compress=none"],
        )
        .text();
    let list = directory.tool(&["ls", "layer"]).text();
    assert_eq!(
        list.replace(" 1970-01-01T00:00:00Z", ""),
        "drwx------ 0/0 0 x\ndrwx------ 0/0 0 x/t\ndrwx------ 0/0 0 x/t/a\n-r-xr-xr-x 0/0 1 x/t/a/b\n\
         drwx------ 0/0 0 x/t/empty\ndrwx------ 0/0 0 y\n-r-xr-xr-x 0/0 1 y/f\n\
         lrwxrwxr-x 0/0 0 y/l -> ../t\n"
    );
}

#[test]
fn entries_stand_in_the_order_of_the_lines_of_a_sorted_manifest() {
    let lines = ["a", "a!", "a/z", "aZ", "a\\040b", "a\\303\\251", "aa", "a~"];
    let manifest: String = lines.map(|path| format!("./{path} size=0\n")).concat();
    let directory = Directory::new(&[]);
    directory
        .layer(
            &manifest.replacen("size=0", "type=dir", 1),
            &["--compress=none"],
        )
        .text();
    let list = directory.tool(&["ls", "layer"]).text();
    let paths: Vec<_> = list
        .lines()
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    assert_eq!(paths, lines);
}

#[test]
fn an_artifact_is_what_it_is_on_disk() {
    let directory = Directory::new(&[("t/a", b"1"), ("file", b"22")]);
    let link = |target: &str, name| {
        std::os::unix::fs::symlink(target, directory.path(name)).expect("a link")
    };
    link("../elsewhere/x", "relative");
    link(directory.path("file").to_str().expect("text"), "absolute");
    link(directory.path("t").to_str().expect("text"), "directory");
    directory
        .layer(
            "/set time=0 type=artifact mode=0755\n./1 contents=relative\n./2 contents=absolute\n./3 contents=directory\n./4 contents=file\n",
            &[],
        )
        .text();
    let list = directory.tool(&["ls", "layer"]).text();
    assert_eq!(
        list.replace(" 1970-01-01T00:00:00Z", ""),
        "lrwxrwxrwx 0/0 0 1 -> ../elsewhere/x\n-rwxr-xr-x 0/0 2 2\ndrwxr-xr-x 0/0 0 3\n\
         -rwxr-xr-x 0/0 1 3/a\n-rwxr-xr-x 0/0 2 4\n"
    );
}

#[test]
fn parameter_files_hold_an_argument_a_line() {
    let directory = Directory::new(&[("a b", b"1")]);
    directory.write("m", b"./x contents=a\\040b\n");
    directory.write(
        "params",
        b"--manifest\nm\n--output=a layer\r\n--compress=none\n",
    );
    directory.tool(&["layer", "--params=params"]).text();
    assert_eq!(directory.read("a layer").len(), 2048);
}

#[test]
fn report_has_the_table_and_json() {
    let directory = Directory::new(&[("a", b"1")]);
    directory
        .layer("./x contents=a\n", &["--name=mine", "--compress=none"])
        .text();
    let digest = sha256(&directory.read("layer"));
    assert_eq!(
        directory
            .tool(&["report", "--metadata=json", "--metadata=json"])
            .text(),
        format!(
            "layer  files  bytes     size  digest\nmine       1   2048  2.0 KiB  {digest}\n\
             mine       1   2048  2.0 KiB  {digest}\ntotal      2   4096  4.0 KiB\n"
        )
    );
    let metadata: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
    let report = directory
        .tool(&["report", "--format=json", "--metadata=json"])
        .text();
    assert_eq!(
        serde_json::from_str::<Value>(&report).expect("JSON"),
        json!([metadata])
    );
}

#[test]
fn help_has_examples() {
    let directory = Directory::new(&[]);
    for command in [
        "layer", "concat", "split", "ls", "report", "plan", "validate", "files", "base", "budget",
    ] {
        let help = directory.tool(&[command, "--help"]).text();
        assert!(
            help.contains(&format!("  layer_tool {command} ")) || command == "ls",
            "{help}"
        );
        assert!(help.contains("Example"), "{help}");
    }
}

/// `layer` of small files with options, in a directory of its own.
fn digest_of(files: &[(&str, &[u8])], manifest: &str, before: &str, compression: &str) -> String {
    let directory = Directory::new(files);
    directory.write("m", manifest.as_bytes());
    let script =
        format!("{before}; exec \"$0\" layer --manifest=m --output=layer --compress={compression}");
    let tool = tool();
    directory
        .run("sh", &["-c", &script, tool.to_str().expect("text")])
        .text();
    sha256(&directory.read("layer"))
}

#[test]
fn nothing_of_the_machine_is_in_a_layer() {
    let content = [7; 5000];
    let files: [(&str, &[u8]); 3] = [("a", &content), ("t/b", &content), ("t/c", b"")];
    let manifest = "./d/a contents=a\n./t type=tree contents=t\n./l type=link link=d/a\n";
    for compression in COMPRESSIONS {
        let usual = digest_of(&files, manifest, "true", compression);
        for before in [
            "umask 077",
            "chmod 0700 a t/b t",
            "touch -d @7 a t t/c",
            "rm t/b && ln a t/b",
            "mv a z && ln -s z a",
            "export TZ=Asia/Tokyo LC_ALL=en_US.ISO-8859-1 SOURCE_DATE_EPOCH=7 HOME=/ USER=x",
        ] {
            let digest = digest_of(&files, manifest, before, compression);
            assert_eq!(digest, usual, "{before}, {compression}");
        }
    }
    // Of bytes that no compressor's version changes, on any machine.
    assert_eq!(
        digest_of(&files, manifest, "true", "none"),
        "sha256:dfef585674f2f7d28cd01ace9a50f09db971417c743dc70d42534815578cdfa1"
    );
}

#[test]
fn a_layer_has_the_mode_of_any_new_file() {
    let directory = Directory::new(&[("m", b"./a size=0\n")]);
    for (mask, mode) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let script =
            format!("umask {mask}; exec \"$0\" layer --manifest=m --output=layer --metadata=json");
        let tool = tool();
        directory
            .run("sh", &["-c", &script, tool.to_str().expect("text")])
            .text();
        for name in ["layer", "json"] {
            let metadata = directory.path(name).metadata().expect("metadata");
            assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
        }
    }
}

#[test]
fn an_empty_manifest_makes_an_empty_layer() {
    let directory = Directory::new(&[]);
    for compression in COMPRESSIONS {
        for manifest in ["", "#mtree\n", "#mtree\n. type=dir mode=0700\n"] {
            directory
                .layer(manifest, &["--compress", compression])
                .text();
            let metadata: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
            assert_eq!(
                (&metadata["entries"], &metadata["diff_id"]),
                (&json!(0), &json!(sha256(&[0; 1024])))
            );
            assert_eq!(directory.tool(&["ls", "layer"]).text(), "");
        }
    }
}

/// In byte order `-` and `.` stand before `/`, and `0` after it.
#[test]
fn paths_of_a_common_start_stay_apart() {
    let directory = Directory::new(&[]);
    directory
        .layer(
            "/set time=0\n./a/b size=0 uid=1\n./a.b size=0 uid=2\n./a/b.c/d size=0 uid=3\n\
             ./a-/b size=0 uid=4\n./a0 size=0 uid=5\n./a type=dir uid=6\n./a type=dir uid=6\n",
            &[],
        )
        .text();
    assert_eq!(
        directory
            .tool(&["ls", "layer"])
            .text()
            .replace(" 1970-01-01T00:00:00Z", ""),
        "drwxr-xr-x 6/0 0 a\ndrwxr-xr-x 4/0 0 a-\n-rw-r--r-- 4/0 0 a-/b\n-rw-r--r-- 2/0 0 a.b\n\
         -rw-r--r-- 1/0 0 a/b\ndrwxr-xr-x 3/0 0 a/b.c\n-rw-r--r-- 3/0 0 a/b.c/d\n\
         -rw-r--r-- 5/0 0 a0\n"
    );
}

#[test]
fn parameter_files_mix_with_arguments() {
    let directory = Directory::new(&[
        ("m", b"./a size=0\n"),
        ("empty", b""),
        ("start", b"layer\n--manifest=m"),
        // A line is never a parameter file, and an empty one is an argument.
        (
            "end",
            b"--output=layer\n--metadata=json\n--name=--params=start\n",
        ),
        ("nothing", b"--output=layer\n--metadata=json\n--name\n\n"),
        ("not-text", b"--output=n\xff\n"),
    ]);
    for (arguments, name) in [
        (
            ["--params=start", "--params=empty", "--params=end"],
            "--params=start",
        ),
        (["--params=start", "--params=empty", "--params=nothing"], ""),
    ] {
        directory.tool(&arguments).text();
        let metadata: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        assert_eq!(metadata["name"], name);
    }
    // What begins with @ is a label or a path like any other.
    fs::create_dir(directory.path("@scope")).expect("a directory");
    fs::copy(directory.path("layer"), directory.path("@scope/layer")).expect("a copy");
    directory
        .tool(&[
            "describe",
            "@scope/layer",
            "--metadata",
            "@scope/json",
            "--name",
            "@@base//:layer",
        ])
        .text();
    let metadata: Value = serde_json::from_slice(&directory.read("@scope/json")).expect("JSON");
    assert_eq!(metadata["name"], "@@base//:layer");

    directory
        .tool(&["--params=start", "--params=not-text"])
        .text();
    let name = std::ffi::OsStr::from_bytes(b"n\xff");
    assert!(directory.path(name).is_file());
}
