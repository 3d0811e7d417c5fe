//! Where outputs go, and that each is a file of its own.

use crate::directory::Directory;
use crate::image;
use std::os::unix::fs::symlink;

fn directory() -> Directory {
    let directory = Directory::new(&[("m", b"./a size=0\n"), ("b/keep", b"")]);
    directory
        .tool(&["layer", "--manifest=m", "--output=whole"])
        .text();
    directory
}

#[test]
fn two_names_of_one_file() {
    let directory = directory();
    let fragment = ["layer", "--fragment", "--manifest=m", "--output=part"];
    directory
        .tool(&[&fragment[..], &["--metadata=part.json"]].concat())
        .text();
    directory.write("old", b"old");
    std::fs::hard_link(directory.path("old"), directory.path("hard")).expect("a link");
    for (target, name) in [("old", "soft"), ("new", "dangling"), (".", "same")] {
        symlink(target, directory.path(name)).expect("a link");
    }
    let before = directory.names();
    let layer = ["layer", "--manifest=m"];
    let concat = ["concat", "--fragment=part", "--sidecar=part.json"];
    for command in [&layer[..], &fragment[..3], &concat] {
        for [output, metadata] in [
            ["new", "new"],
            ["new", "./new"],
            ["new", "b/../new"],
            ["new", "same/new"],
            ["new", "dangling"],
            ["dangling", "same/dangling"],
            ["old", "hard"],
            ["hard", "soft"],
            ["soft", "./soft"],
        ] {
            let (o, m) = (
                format!("--output={output}"),
                format!("--metadata={metadata}"),
            );
            let answer = directory.tool(&[command, &[&o, &m]].concat());
            let problem = format!(
                "layer_tool: --output {output} and --metadata {metadata} are the same file; name another\n"
            );
            assert_eq!((answer.code, answer.stderr), (Some(2), problem));
        }
    }
    let split = ["split", "--manifest=m", "--default=a"];
    let image = [
        "image",
        "--layer=whole",
        "--metadata=part.json",
        "--output=image",
    ];
    for (command, problem) in [
        (
            &[&layer[..], &["--output=./m"]].concat(),
            "--manifest m and --output ./m are the same file; name another",
        ),
        (
            &[&layer[..], &["--output=new", "--metadata=m"]].concat(),
            "--manifest m and --metadata m are the same file; name another",
        ),
        (
            &[&concat[..], &["--output=b/../part"]].concat(),
            "--fragment part and --output b/../part are the same file; name another",
        ),
        (
            &[&concat[..], &["--metadata=part.json"]].concat(),
            "--sidecar part.json and --metadata part.json are the same file; name another",
        ),
        (
            &[&split[..], &["--output=a=x", "--output=b=./x"]].concat(),
            "--output x and --output ./x are the same file; name another",
        ),
        (
            &[&split[..], &["--output=a=x", "--unused=a=./x"]].concat(),
            "--output x and --unused ./x are the same file; name another",
        ),
        (
            &[&split[..], &["--output=a=m"]].concat(),
            "--manifest m and --output m are the same file; name another",
        ),
        (
            &vec!["describe", "whole", "--metadata=./whole"],
            "layer whole and --metadata ./whole are the same file; name another",
        ),
        (
            &vec!["descriptor", "part.json", "--output=./part.json"],
            "metadata part.json and --output ./part.json are the same file; name another",
        ),
        (
            &vec!["files", "whole", "--output=whole"],
            "layer whole and --output whole are the same file; name another",
        ),
        (
            &vec!["report", "--plan=m", "--output=./m"],
            "--plan m and --output ./m are the same file; name another",
        ),
        (
            &vec!["report", "--plan=m", "--files=old", "--output=old"],
            "--files old and --output old are the same file; name another",
        ),
        (
            &[&image[..], &["--digest=./whole"]].concat(),
            "--layer whole and --digest ./whole are the same file; name another",
        ),
        (
            &[&image[..], &["--digest=part.json"]].concat(),
            "--metadata part.json and --digest part.json are the same file; name another",
        ),
        (
            &vec!["links", "--manifest=m", "--output=m"],
            "--manifest m and --output m are the same file; name another",
        ),
        (
            &vec!["tree-links", "--manifest=m", "--output=./m"],
            "--manifest m and --output ./m are the same file; name another",
        ),
    ] {
        directory.tool(command).expect_refusal(&[2], problem);
    }
    assert_eq!(directory.names(), before);
    assert_eq!(directory.read("old"), b"old");
    assert_eq!(directory.read("m"), b"./a size=0\n");
}

/// What stands in a layout belongs to it, also if its index does not say so.
#[test]
fn an_output_in_a_layout() {
    let directory = directory();
    directory
        .tool(&["describe", "whole", "--metadata=json"])
        .text();
    let layer = ["--layer=whole", "--metadata=json"];
    let made = [&layer[..], &["--platform=linux/amd64"]].concat();
    image::image(&directory, "l", &[], &made).text();
    symlink("l/index.json", directory.path("soft")).expect("a link");
    std::fs::create_dir(directory.path("empty")).expect("a directory");
    std::fs::create_dir(directory.path("l/empty")).expect("a directory");
    let before = directory.names();
    let index = directory.read("l/index.json");
    let image = [&["image", "--base=l"][..], &layer].concat();
    for (command, problem) in [
        (
            &["archive", "l", "--output=l/index.json"][..],
            "--output l/index.json is inside layout l; name another",
        ),
        (
            &["archive", "l", "--output=soft"],
            "--output soft is inside layout l; name another",
        ),
        (
            &["archive", "l", "--output=empty/../l/blobs/new"],
            "--output empty/../l/blobs/new is inside layout l; name another",
        ),
        (
            &["base", "l", "--plan=l/plan", "--files=files"],
            "--plan l/plan is inside layout l; name another",
        ),
        (
            &["base", "l", "--plan=plan", "--files=l/files"],
            "--files l/files is inside layout l; name another",
        ),
        (
            &["index", "l", "--output=new", "--digest=l/digest"],
            "--digest l/digest is inside layout l; name another",
        ),
        (
            &["index", "l", "--output=l/new"],
            "--output l/new is inside layout l; name another",
        ),
        (
            &[&image[..], &["--output=new", "--digest=l/oci-layout"]].concat(),
            "--digest l/oci-layout is inside --base l; name another",
        ),
        (
            &[&image[..], &["--output=l/empty"]].concat(),
            "--output l/empty is inside --base l; name another",
        ),
        (
            &[&image[..], &["--output=empty", "--digest=empty/digest"]].concat(),
            "--digest empty/digest is inside --output empty; name another",
        ),
    ] {
        directory.tool(command).expect_refusal(&[2], problem);
    }
    assert_eq!(directory.names(), before);
    assert!(directory.read("l/index.json") == index);
    // Standard output stands nowhere.
    directory
        .tool(&["archive", "l", "--output=/dev/null"])
        .text();
    let here = "cd l && exec \"$0\" archive . --output -";
    let tool = crate::directory::tool();
    let answer = directory.run("sh", &["-c", here, tool.to_str().expect("text")]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
}

/// A file that is both read for a layer and written as one.
#[test]
fn an_output_that_is_a_source() {
    let directory = directory();
    directory.write("m", b"./a contents=b/keep\n./w contents=whole\n");
    let before = directory.read("whole");
    directory
        .tool(&["layer", "--manifest=m", "--output=b/../whole"])
        .expect_refusal(
            &[1],
            "m:2: whole is also the output; name another output with --output",
        );
    assert!(directory.read("whole") == before);
}

#[test]
fn links_lead_to_where_the_output_goes() {
    let directory = directory();
    directory.write("b/old", b"old");
    for (target, name) in [
        ("b/old", "soft"),
        ("b/new", "dangling"),
        ("dangling", "far"),
    ] {
        symlink(target, directory.path(name)).expect("a link");
    }
    for (name, end) in [("soft", "b/old"), ("far", "b/new")] {
        let output = format!("--output={name}");
        directory.tool(&["layer", "--manifest=m", &output]).text();
        assert!(directory.read(end) == directory.read("whole"), "{name}");
        assert!(directory.path(name).is_symlink(), "{name}");
    }
    assert_eq!(directory.names().len(), 6);
    symlink("loop", directory.path("loop")).expect("a link");
    directory
        .tool(&["layer", "--manifest=m", "--output=loop"])
        .expect_refusal(
            &[1],
            "layer_tool: loop: is a loop of links; name another file",
        );
}

#[test]
fn devices_and_pipes_take_the_bytes() {
    let directory = directory();
    directory.run("mkfifo", &["pipe"]).text();
    for (target, name) in [
        ("pipe", "to-pipe"),
        ("/dev/null", "null"),
        ("/dev/stdout", "stdout"),
    ] {
        symlink(target, directory.path(name)).expect("a link");
    }
    let whole = directory.read("whole");
    let tool = crate::directory::tool();
    let sh = |script: &str| {
        let script = script.replace("layer_tool", &tool.display().to_string());
        directory.run("sh", &["-euc", &script])
    };
    for output in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "stdout"] {
        let answer = sh(&format!(
            "layer_tool layer --manifest m --output {output} | cat"
        ));
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
        assert!(answer.stdout == whole, "{output}");
        sh(&format!(
            "layer_tool layer --manifest m --output {output} >file"
        ))
        .text();
        assert!(directory.read("file") == whole, "{output}");
    }
    for output in ["pipe", "to-pipe"] {
        sh(&format!(
            "cat pipe >file & layer_tool layer --manifest m --output {output}; wait"
        ))
        .text();
        assert!(directory.read("file") == whole, "{output}");
    }
    sh("layer_tool layer --manifest m --output null --metadata null").text();
    sh("layer_tool layer --manifest m --output /dev/null --metadata json").text();
    for name in ["to-pipe", "null", "stdout"] {
        assert!(directory.path(name).is_symlink(), "{name}");
    }
    sh("layer_tool layer --manifest m --output pipe --metadata to-pipe").expect_refusal(
        &[2],
        "--output pipe and --metadata to-pipe are the same file; name another",
    );
    sh("layer_tool layer --manifest m --output /dev/full")
        .expect_refusal(&[1], "cannot write /dev/full: No space left on device");
}

/// What is many lines is written in pieces, not line by line.
#[test]
fn outputs_are_written_in_large_pieces() {
    const FILES: usize = 5000;
    let directory = directory();
    let manifest: String = (0..FILES)
        .map(|number| format!("./directory/{number} size=0\n"))
        .collect();
    directory.layer(&manifest, &["--name=l"]).text();
    directory.write(
        "w",
        manifest.replace("size=0", "contents=b/keep").as_bytes(),
    );
    let unit = r#"{"name": "u", "kind": "layer", "group": "l", "reason": "r", "sidecar": "json"}"#;
    directory
        .tool(&["plan", "--layer=json", "--unit", unit, "--output=plan"])
        .text();
    directory.tool(&["files", "layer", "--output=files"]).text();
    let mapping: String = (0..FILES)
        .map(|number| format!(",{number},_main\n"))
        .collect();
    directory.write("mapping", mapping.as_bytes());

    let mut commands: Vec<String> = [
        "ls layer",
        "ls --format=json layer",
        "ls --format=mtree layer",
        "files layer --output=out",
        "repo-mapping mapping --output=out",
        "split --manifest=w --group=f=/directory/ --default=d --output=f=out --unused=d=unused",
        "layer --manifest=m --output=out --compress=none",
        "layer --manifest=m --output=out --compress=zstd",
    ]
    .map(str::to_owned)
    .into();
    for format in ["text", "json", "html"] {
        for output in ["", "--output=out", "--against=plan --output=out"] {
            commands.push(format!(
                "report --plan=plan --files=files --format={format} {output}"
            ));
        }
    }
    for command in commands {
        for name in ["out", "unused"] {
            // It need not be there.
            let _ = std::fs::remove_file(directory.path(name));
        }
        // Of the shell, and of what it waited for: the one program.
        let script = r#""$0" $1 >stdout; cat /proc/$$/io"#;
        let tool = crate::directory::tool();
        let io = directory
            .run(
                "sh",
                &["-c", script, tool.to_str().expect("text"), &command],
            )
            .text();
        let writes = |io: &str| {
            let calls = io.lines().find_map(|line| line.strip_prefix("syscw: "));
            calls.and_then(|calls| calls.parse::<u64>().ok())
        };
        let writes = writes(&io).expect("a number of writes");
        let written: u64 = ["stdout", "out", "unused"]
            .into_iter()
            .filter_map(|name| directory.path(name).metadata().ok())
            .map(|there| there.len())
            .sum();
        assert!(
            writes <= 20 + written / 4000,
            "{command}: {writes} writes of {written} bytes"
        );
    }
}

/// An action runs where it may write nothing else.
#[test]
fn outputs_need_no_other_directory() {
    let directory = Directory::new(&[("m", b"./f size=0\n"), ("layer", b"earlier")]);
    let at = |name: &str| directory.path(name).to_str().expect("text").to_owned();
    let tool = crate::directory::tool();
    let run = |arguments: &str| {
        let script = format!("cd /proc && exec \"$0\" {arguments}");
        directory
            .run("sh", &["-c", &script, tool.to_str().expect("text")])
            .text();
    };
    let (manifest, layer, json, image) = (at("m"), at("layer"), at("json"), at("image"));
    run(&format!(
        "layer --manifest={manifest} --output={layer} --metadata={json} --compress=none"
    ));
    assert_eq!(directory.read("layer").len(), 512 + 1024);
    run(&format!(
        "image --output={image} --platform=linux/amd64 --layer={layer} --metadata={json}"
    ));
    assert_eq!(directory.names().len(), 4);
}

/// Who waits at a terminal is told how far a command is, in one line that is gone at its end.
#[test]
fn progress_at_a_terminal() {
    let directory = Directory::new(&[("f", &[7; 3 << 20])]);
    directory
        .layer("./f contents=f\n", &["--compress=none"])
        .text();
    let tool = crate::directory::tool();
    let at_terminal = |layer: &str| {
        let spawn =
            "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        let tool = tool.to_str().expect("text");
        directory.run(
            "python3",
            &["-c", spawn, tool, "files", layer, "--output=files"],
        )
    };
    let told = at_terminal("layer").text();
    let told: Vec<_> = told.split('\r').collect();
    let [first, .., last, end] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!((*first, *end), ("", "\x1b[K"));
    assert_eq!(*last, "listing: 100 % of 3 MiB");
    let percents: Vec<u64> = told[1..told.len() - 1]
        .iter()
        .map(|line| {
            let percent = line.split(' ').nth(1).expect("a number");
            percent.parse().expect("a number")
        })
        .collect();
    assert!(
        percents.windows(2).all(|pair| pair[0] < pair[1]),
        "{told:?}"
    );
    assert!(percents.len() > 20, "{told:?}");
    // What nothing was told of is not taken back.
    directory.write("empty", b"");
    let refused = String::from_utf8(at_terminal("empty").stdout).expect("text");
    assert!(refused.starts_with("layer_tool: "), "{refused}");
    let silent = directory.tool(&["files", "layer", "--output=files"]);
    assert_eq!((silent.code, silent.stderr.as_str()), (Some(0), ""));
}
