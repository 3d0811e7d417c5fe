//! The mapping of binaries that share one runfiles tree.

use crate::directory::{Answer, Directory};

fn merge(first: &str, second: &str) -> (Directory, Answer) {
    let directory = Directory::new(&[("a", first.as_bytes()), ("b", second.as_bytes())]);
    let answer = directory.tool(&["repo-mapping", "--output=merged", "a", "b"]);
    (directory, answer)
}

#[test]
fn the_lines_of_both_sorted_and_once() {
    let (directory, answer) = merge(
        ",b,b~\n,my,_main\npip+*,x,x~1\n",
        ",a,a~\n,my,_main\nb~,my,_main\n",
    );
    answer.text();
    assert_eq!(
        directory.read("merged"),
        b",a,a~\n,b,b~\n,my,_main\nb~,my,_main\npip+*,x,x~1\n"
    );
}

#[test]
fn one_name_for_two_directories() {
    let (directory, answer) = merge(",a,a~1\n", ",b,b~\n,a,a~2\n");
    assert_eq!(
        answer.stderr,
        "layer_tool: b: line 2: ,a is a~2 here, and a~1 in a; put these binaries into different images\n"
    );
    assert_eq!(answer.code, Some(1));
    assert_eq!(directory.names(), ["a", "b"].map(String::from).into());
}

#[test]
fn no_mapping() {
    let (_, answer) = merge("a,b\n", "");
    assert_eq!(
        answer.stderr,
        "layer_tool: a: line 1: a,b is not SOURCE,NAME,TARGET; give a repo_mapping_manifest of Bazel\n"
    );
    assert_eq!(answer.code, Some(1));
}
