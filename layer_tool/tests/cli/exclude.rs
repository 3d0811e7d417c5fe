//! What a fragment leaves out.

use crate::directory::{Answer, Directory};
use serde_json::{json, Value};

fn fragment(globs: &[&str]) -> (Directory, Answer) {
    let directory = Directory::new(&[
        ("tree/a/tests/data/x", b"12345"),
        ("tree/a/tests/__init__.py", b""),
        ("tree/a/b.py", b"kept"),
        ("one.pyi", b"123"),
    ]);
    directory.write(
        "m",
        b"./app/a type=tree contents=tree/a\n./app/one.pyi contents=one.pyi\n./app/tests type=link link=a\n",
    );
    let mut all = vec![
        "layer",
        "--fragment",
        "--manifest=m",
        "--output=part",
        "--metadata=json",
        "--compress=none",
    ];
    for glob in globs {
        all.extend(["--exclude", glob]);
    }
    let answer = directory.tool(&all);
    (directory, answer)
}

#[test]
fn files_and_the_directories_that_only_they_need() {
    let (directory, answer) = fragment(&["app/**/tests/**", "**/*.pyi", "app/*/nothing"]);
    answer.text();
    let sidecar: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
    assert_eq!(sidecar["excluded"], json!({"files": 3, "bytes": 8}));
    assert_eq!(sidecar["paths"], json!(["app/a/b.py", "app/tests"]));
    let directories: Vec<_> = sidecar["folders"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|directory| directory["path"].clone())
        .collect();
    assert_eq!(directories, ["app", "app/a"]);
}

#[test]
fn stars_stop_at_a_slash() {
    let (directory, answer) = fragment(&["app/*.py"]);
    answer.text();
    let sidecar: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
    assert_eq!(sidecar["excluded"], json!({"files": 0, "bytes": 0}));
}

#[test]
fn no_glob() {
    let (directory, answer) = fragment(&["app/[a"]);
    answer.expect_refusal(
        &[2],
        "layer_tool: \"app/[a\" of `exclude` is not a glob: unclosed character class; missing ']'; correct it\n",
    );
    assert_eq!(
        directory.names(),
        ["m", "one.pyi", "tree"].map(String::from).into()
    );
}
