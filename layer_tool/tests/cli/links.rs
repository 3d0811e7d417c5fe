//! Links that point to nothing.

use crate::directory::{Answer, Directory};
use std::os::unix::fs::symlink;

const ELSEWHERE: &str = "\
./app/lib/index.js contents=never_read
./app/tree type=tree contents=never_read
./app/link type=artifact contents=never_read
";

fn check(directory: &Directory, manifest: &str) -> Answer {
    directory.write("m", manifest.as_bytes());
    directory.write("e", ELSEWHERE.as_bytes());
    directory.tool(&["links", "--manifest=m", "--elsewhere=e", "--output=checked"])
}

#[test]
fn what_is_there() {
    let directory = Directory::new(&[("file", b"")]);
    symlink("../lib/index.js", directory.path("artifact")).expect("a link");
    for target in [
        "../lib",
        "../lib/",
        "../lib/index.js",
        ".././/lib",
        "../tree/any/thing",
        "../link/x",
        "other",
        "..",
        "../..",
        "../../../../app/lib",
        "/app/lib",
    ] {
        let manifest = format!(
            "./app/store/link type=link link={target}\n./app/store/other contents=file\n./app/store/a type=artifact contents=artifact\n./app/store/t type=tree contents=never_read\n"
        );
        check(&directory, &manifest).text();
        assert_eq!(directory.read("checked"), b"");
        std::fs::remove_file(directory.path("checked")).expect("the output");
    }
}

#[test]
fn what_is_not() {
    let directory = Directory::new(&[]);
    symlink("../../bin/x", directory.path("artifact")).expect("a link");
    for (line, problem) in [
        ("./app/store/link type=link link=../li", "m:2: app/store/link is a link to ../li, and the image has nothing at app/li; add that to what is packed, or remove the link (of a package of another repository, have the package made by npm_package, which copies)"),
        ("./app/store/link type=link link=../lib-2", "has nothing at app/lib-2;"),
        ("./app/store/link type=link link=/lib", "has nothing at lib;"),
        ("./app/s type=artifact contents=artifact", "m:2: app/s is a link to ../../bin/x, and the image has nothing at bin/x;"),
        ("./app/s type=artifact contents=missing", "m:2: cannot read missing"),
    ] {
        let answer = check(&directory, &format!("/set uid=0\n{line}\n"));
        answer.expect_refusal(&[1], problem);
        assert!(!directory.names().contains("checked"), "{line}");
    }
}
