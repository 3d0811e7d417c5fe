//! One line says what is wrong, and nothing is left.

use crate::directory::{tool, Answer, Directory};
use std::os::unix::fs::symlink;

fn refused(directory: &Directory, answer: &Answer, code: i32, problem: &str) {
    answer.expect_refusal(&[code], problem);
    let left: Vec<_> = directory
        .names()
        .into_iter()
        .filter(|name| {
            !["m", "file", "other", "loop", "dangling", "pipe", "socket"].contains(&name.as_str())
        })
        .collect();
    assert!(left.is_empty(), "{problem}: {left:?} stay behind");
}

#[test]
fn manifests() {
    let directory = Directory::new(&[
        ("file", b"x"),
        ("other", b"y"),
        ("loop/deep/f", b""),
        ("dangling/f", b""),
    ]);
    symlink("..", directory.path("loop/deep/up")).expect("a link");
    symlink("nowhere", directory.path("dangling/link")).expect("a link");
    directory.run("mkfifo", &["pipe"]).text();
    let socket = "import socket; socket.socket(socket.AF_UNIX).bind('socket')";
    directory.run("python3", &["-c", socket]).text();
    for (manifest, problem) in [
        ("./a type=file mode", "m:1: "),
        ("#\n./a type=sock", "m:2: type=sock cannot be in a layer"),
        ("./a\\400 size=0", "m:1: bad escape `\\400`"),
        ("./a size=0 mode=0999", "m:1: mode=0999 is not a mode"),
        ("./a size=0 uid=-1", "m:1: uid=-1 is not a number"),
        ("./a size=0 gid=wheel", "m:1: gid=wheel is not a number"),
        ("./a size=0 uid=4294967295", "m:1: uid=4294967295 is not a valid id of an owner; write 0 to 4294967294"),
        ("./a size=0 gid=18446744073709551615", "m:1: gid=18446744073709551615 is not a valid id of an owner"),
        ("#mtree\r./a size=0\r", "m:1: the line has a carriage return; end lines with LF or CRLF"),
        ("./a contents=file\n./a contents=other", "m:2: a is the file other (mode 0644, 0:0) here, and the file file (mode 0644, 0:0) at m:1; keep one of them"),
        ("./a contents=file\n./a/b size=0", "m:2: a/b"),
        ("./a/../../b size=0", "m:1: "),
        ("./a\\000b size=0", "m:1: path `./a\\000b` holds a NUL byte"),
        ("./a contents=missing", "m:1: cannot read missing: No such file or directory"),
        // Not to be read by root either.
        ("./a contents=file/x", "m:1: cannot read file/x: Not a directory"),
        ("./a contents=loop", "m:1: loop is a directory, but the line needs a file; write type=tree"),
        ("./a type=tree contents=file", "m:1: file is a file, but type=tree needs a directory; write type=file"),
        ("./a contents=pipe", "m:1: pipe is not a regular file"),
        ("./a contents=socket", "m:1: socket is not a regular file"),
        ("./a contents=/proc/self/mem", "m:1: /proc/self/mem: cannot read: Input/output error"),
        ("./a type=file", "m:1: the line does not say where the bytes are; add contents=PATH"),
        ("./a type=link", "m:1: type=link without a target; add link=TARGET"),
        (". size=0", "m:1: the path is the root of the image"),
        ("./a type=tree contents=loop", "m:1: loop/deep/up is a link to a directory that contains it, so it never ends; remove the link"),
        ("./a type=tree contents=dangling", "m:1: cannot read dangling/link (a link to nowhere)"),
        (
            "./a contents=file size=99",
            "m:1: file has 1 bytes, but the line says size=99; build it again, or correct size=",
        ),
        (
            "./a contents=no\\012such",
            "m:1: cannot read no\\nsuch: No such file or directory",
        ),
        // The kernel says that it holds a page, and gives less.
        ("./a contents=/sys/kernel/uevent_seqnum", "m:1: /sys/kernel/uevent_seqnum: the file shrank while it was read (4096 bytes at first)"),
        ("./a contents=/proc/self/status", "m:1: /proc/self/status: the file grew while it was read (0 bytes at first)"),
    ] {
        refused(&directory, &directory.layer(manifest, &[]), 1, problem);
    }
}

/// Whatever writes a layer, or a part of one.
#[test]
fn whiteouts() {
    let directory = Directory::new(&[
        ("file", b"x"),
        ("other/deep/.wh.gone", b""),
        ("loop/.wh..wh..opq/f", b""),
        ("dangling/f", b""),
    ]);
    std::fs::create_dir(directory.path("dangling/.wh.empty")).expect("a directory");
    let taken = "has a name that begins with `.wh.`, by which a layer removes what is below it";
    for (manifest, path) in [
        ("#\n./a/.wh.b contents=file\n", "a/.wh.b"),
        ("#\n./.wh..wh..opq size=0\n", ".wh..wh..opq"),
        ("#\n./a/.wh.b type=dir\n", "a/.wh.b"),
        ("#\n./.wh.a/b size=0\n", ".wh.a/b"),
        ("#\n./.wh.a type=link link=b\n", ".wh.a"),
        ("#\n./a/\\056wh.b size=0\n", "a/.wh.b"),
        ("#\n./a type=tree contents=other\n", "a/deep/.wh.gone"),
        ("#\n. type=tree contents=other\n", "deep/.wh.gone"),
        ("#\n./a type=artifact contents=loop\n", "a/.wh..wh..opq/f"),
        ("#\n./a type=tree contents=dangling\n", "a/.wh.empty"),
    ] {
        for arguments in [
            &[][..],
            &["--by-path"],
            &["--fragment"],
            &["--fragment", "--slice-below=/"],
        ] {
            let problem = format!("m:2: path `{path}` {taken}");
            refused(
                &directory,
                &directory.layer(manifest, arguments),
                1,
                &problem,
            );
        }
    }
    directory
        .layer("./a/wh.b size=0\n./.wh size=0\n", &[])
        .text();
}

#[test]
fn names_that_systems_do_not_take() {
    let name = "n".repeat(250);
    let directory = Directory::new(&[("file", b"x"), (&format!("loop/{name}/{name}/f"), b"")]);
    let long = format!("m:1: path `{}", &"d/".repeat(2000)[..200]);
    let below = format!(
        "./{} type=tree contents=loop",
        format!("{name}/").repeat(15)
    );
    let link = format!("./a type=link link={}", "t".repeat(4096));
    for (manifest, problem) in [
        // So deep that a directory for each name would not fit into memory.
        (format!("./{}f size=0", "d/".repeat(500_000)), &*long),
        (
            format!("./{name}nnnnnn size=0"),
            "of 256 bytes, and file systems take 255 at most",
        ),
        (
            below,
            "has 4268 bytes, and systems take 4096 at most; put it below fewer or shorter",
        ),
        (link, "m:1: link=ttt"),
    ] {
        refused(&directory, &directory.layer(&manifest, &[]), 1, problem);
    }
}

#[test]
fn command_lines() {
    let directory = Directory::new(&[("file", b"x"), ("m", b"./a contents=file\n")]);
    for (arguments, code, problem) in [
        (
            &["--level=13"][..],
            2,
            "--level 13 is out of range for gzip; use 0 to 12",
        ),
        (
            &["--compress=zstd", "--level=0"],
            2,
            "--level 0 is out of range for zstd; use 1 to 22",
        ),
        (
            &["--compress=zstd", "--level=23"],
            2,
            "--level 23 is out of range for zstd; use 1 to 22",
        ),
        (
            &["--compress=none", "--level=1"],
            2,
            "--level needs a compression",
        ),
        (
            &["--metadata=layer"],
            2,
            "--output layer and --metadata layer are the same file; name another",
        ),
        (
            &["--manifest=missing"],
            1,
            "cannot read missing: No such file or directory",
        ),
        (
            &["--params=missing"],
            1,
            "cannot read parameter file missing: No such file or directory",
        ),
        (
            &["--metadata=missing/json"],
            1,
            "missing/json: No such file or directory",
        ),
    ] {
        let all = ["layer", "--manifest=m", "--output=layer"];
        refused(
            &directory,
            &directory.tool(&[&all[..], arguments].concat()),
            code,
            problem,
        );
    }
    let answer = directory.tool(&["layer", "--manifest=m", "--output=missing/layer"]);
    refused(
        &directory,
        &answer,
        1,
        "missing/layer: No such file or directory",
    );
    // These come with the usage, in lines of its own.
    for (arguments, problem) in [
        (
            &["layer"][..],
            "error: the following required arguments were not provided:\n  --manifest <FILE>\n  \
             --output <FILE>\n\nUsage: layer_tool layer ",
        ),
        (
            &["layer", "--nonsense"],
            "error: unexpected argument '--nonsense' found\n\nUsage: layer_tool layer ",
        ),
        (
            &["layer", "--threads=0"],
            "error: invalid value '0' for '--threads <N>': 0 is not in 1..=65535\n",
        ),
        (
            &[],
            "Writes container image layers from mtree manifests\n\nUsage: layer_tool <COMMAND>\n",
        ),
        (
            &["nonsense"],
            "error: unrecognized subcommand 'nonsense'\n\nUsage: layer_tool <COMMAND>\n",
        ),
    ] {
        let answer = directory.tool(arguments);
        assert_eq!(answer.code, Some(2), "{}", answer.stderr);
        // Whatever the file of the program is called.
        let said = answer.stderr.replace("layer_tool_checked", "layer_tool");
        assert!(said.starts_with(problem), "{said}");
    }
}

#[test]
fn a_full_disk() {
    let directory = Directory::new(&[
        ("file", &crate::layer::big()),
        ("m", b"./a contents=file\n"),
    ]);
    let script = r#"
        mkdir loop && mount -t tmpfs -o size=64k none loop || exit 77
        "$0" layer --manifest m --output loop/layer --metadata loop/json --compress="$1"
        code=$?
        [ -z "$(ls -A loop)" ] || { echo "$(ls -A loop) stays behind" >&2; exit 78; }
        exit $code"#;
    for compression in crate::layer::COMPRESSIONS {
        let tool = tool();
        let arguments = [
            "-rm",
            "sh",
            "-c",
            script,
            tool.to_str().expect("text"),
            compression,
        ];
        let answer = directory.run("unshare", &arguments);
        refused(
            &directory,
            &answer,
            1,
            "cannot write loop/layer: No space left on device",
        );
        std::fs::remove_dir(directory.path("loop")).expect("the directory");
    }
}

/// Runs even where no file system can be mounted.
#[test]
fn a_limit_of_file_size() {
    let directory = Directory::new(&[
        ("file", &crate::layer::big()),
        ("m", b"./a contents=file\n"),
    ]);
    let script = r#"
        ulimit -f 64 && trap "" XFSZ || exit 77
        exec "$0" layer --manifest=m --output=layer --metadata=json --compress="$1""#;
    let tool = tool();
    for compression in crate::layer::COMPRESSIONS {
        let arguments = ["-c", script, tool.to_str().expect("text"), compression];
        let answer = directory.run("bash", &arguments);
        refused(&directory, &answer, 1, "cannot write layer: File too large");
    }
}

/// A shell's limit, as the least that is met in the field.
#[test]
fn a_limit_of_open_files() {
    let directory = Directory::new(&[]);
    let mut manifest = String::new();
    for number in 0..300 {
        // Half of them are compared with others.
        let content = format!("{:2000}", number / 2);
        directory.write(&format!("other/{number}"), content.as_bytes());
        manifest += &format!("./{number} contents=other/{number}\n");
    }
    directory.write("m", manifest.as_bytes());
    let script = r#"
        ulimit -n "$1" || exit 77
        exec "$0" layer --manifest=m --output=layer --metadata=json --threads=4"#;
    let tool = tool();
    let with = |limit| {
        let arguments = ["-c", script, tool.to_str().expect("text"), limit];
        directory.run("bash", &arguments)
    };
    refused(
        &directory,
        &with("6"),
        1,
        "Too many open files (os error 24); this program has too many open files: raise the limit, e.g. with `ulimit -n 1024`",
    );
    with("20").text();
    let few = directory.read("layer");
    with("1024").text();
    assert!(few == directory.read("layer"));
}

/// Threads may still compress and write when the error is found.
#[test]
fn what_was_under_way_is_removed() {
    let directory = Directory::new(&[("file", &crate::layer::big())]);
    let manifest = "./a contents=file\n./b contents=/sys/kernel/uevent_seqnum\n";
    for compression in crate::layer::COMPRESSIONS {
        for threads in ["--threads=1", "--threads=4"] {
            let answer = directory.layer(manifest, &["--compress", compression, threads]);
            refused(
                &directory,
                &answer,
                1,
                "m:2: /sys/kernel/uevent_seqnum: the file shrank",
            );
        }
    }
}

#[test]
fn an_earlier_layer_stays_as_it_was() {
    let directory = Directory::new(&[("file", b"x")]);
    directory.layer("./a contents=file\n", &[]).text();
    let earlier = (directory.read("layer"), directory.read("json"));
    for manifest in [
        "./a contents=missing\n",
        "./a contents=/sys/kernel/uevent_seqnum\n",
    ] {
        assert_eq!(directory.layer(manifest, &[]).code, Some(1));
        assert!(earlier == (directory.read("layer"), directory.read("json")));
        assert_eq!(
            directory.names().into_iter().collect::<Vec<_>>(),
            ["file", "json", "layer", "m"]
        );
    }
}

#[test]
fn outputs_that_cannot_be() {
    let directory = Directory::new(&[
        ("file", b"x"),
        ("loop/x", b""),
        ("m", b"./a contents=file\n"),
    ]);
    for (arguments, problem) in [
        (
            &["layer", "--manifest=m", "--output=loop", "--metadata=json"][..],
            "layer_tool: loop: is a directory, so an output cannot replace it; name another file",
        ),
        (
            &["layer", "--manifest=m", "--output=layer", "--metadata=loop"],
            "layer_tool: loop: is a directory",
        ),
        (
            &["layer", "--manifest=m", "--output=file/layer"],
            "layer_tool: cannot write file/layer: Not a directory",
        ),
        // Which takes no files, of root either.
        (
            &[
                "layer",
                "--manifest=m",
                "--output=/proc/layer",
                "--metadata=json",
            ],
            "layer_tool: cannot write /proc/layer: ",
        ),
        (
            &[
                "split",
                "--manifest=m",
                "--default=a",
                "--output=a=layer",
                "--unused=a=missing/unused",
            ],
            "layer_tool: cannot write missing/unused: No such file or directory",
        ),
    ] {
        refused(&directory, &directory.tool(arguments), 1, problem);
    }
}

#[test]
fn inputs_of_other_commands() {
    let path = format!("./{} size=0\n", "a".repeat(64));
    let directory = Directory::new(&[
        ("m", path.as_bytes()),
        ("other", b"./a type=x\n"),
        ("file", b"{}"),
    ]);
    let split = |group, manifest| {
        let output = ["--default=rest", "--output=rest=layer"];
        [&["split", group, manifest][..], &output].concat()
    };
    for (arguments, code, problem) in [
        (
            &split("--group=x=a", "--manifest=other")[..],
            1,
            "layer_tool: other:1: type=x cannot be in a layer",
        ),
        (
            &split("--group=x=a", "--manifest=missing"),
            1,
            "layer_tool: cannot read missing: No such file or directory",
        ),
        // Exponential, as lookaround keeps it from the engine that is linear.
        (
            &split("--group=x=((?=a)a+(?!b))+b", "--manifest=m"),
            2,
            "write a simpler expression",
        ),
        (
            &["report", "--metadata=missing"],
            1,
            "layer_tool: cannot read missing: No such file or directory",
        ),
        (
            &["report", "--metadata=other"],
            1,
            "layer_tool: other: not the metadata of a layer (expected value at line 1 column 1); \
             give a file that `layer --metadata` wrote",
        ),
        (
            &["report", "--metadata=file"],
            1,
            "layer_tool: file: not the metadata of a layer (missing field `name`",
        ),
        (&["ls", "."], 1, "layer_tool: cannot list .: Is a directory"),
        (
            &["ls", "m"],
            1,
            "layer_tool: cannot list m: not a tar: shorter than a header",
        ),
    ] {
        let answer = directory.tool(arguments);
        refused(&directory, &answer, code, problem);
        assert_eq!(answer.stdout, b"");
    }
}

#[test]
fn a_byte_order_mark_is_none_of_a_path() {
    let directory = Directory::new(&[("m", b"\xef\xbb\xbf./a size=0 uid=4294967294\r\n")]);
    directory
        .tool(&["layer", "--manifest", "m", "--output", "o"])
        .text();
    let listed = directory.tool(&["ls", "o"]).text();
    assert!(
        listed.contains("4294967294") && listed.contains(" a") && !listed.contains("\\357"),
        "{listed}"
    );
}

#[test]
fn archives_that_are_no_layers_are_called_what_they_are() {
    for (name, start) in [
        ("xz", &b"\xfd7zXZ\0\0"[..]),
        ("bzip2", b"BZh91AY&SY"),
        ("a zip", b"PK\x03\x04\x14\0"),
    ] {
        let directory = Directory::new(&[("other", start)]);
        directory
            .tool(&["ls", "other"])
            .expect_refusal(&[1], &format!("it is {name}, which a layer cannot be"));
    }
}
