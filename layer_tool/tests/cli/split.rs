//! Groups by regular expressions.

use crate::folder::Folder;

const ALL: &str = "\
#mtree
/set time=0
./app/main.py contents=main.py
./lib/numpy/core.so contents=core.so
./lib/numpy/test.py contents=test.py
./lib/tree type=tree contents=tree
./lib/link type=link link=numpy
";

#[test]
fn the_first_group_that_finds_takes_the_entry() {
    let folder = Folder::new(&[
        ("tree/a.so", b""),
        ("tree/b.py", b""),
        ("m", ALL.as_bytes()),
    ]);
    for name in ["main.py", "core.so", "test.py"] {
        folder.write(name, b"");
    }
    folder
        .tool(&[
            "split",
            "--manifest=m",
            r"--group=numpy=^/lib/numpy/(?!test)",
            r"--group=libraries=\.so$|numpy",
            "--default=rest",
            "--output=numpy=numpy",
            "--output=libraries=libraries",
            "--output=rest=rest",
            "--unused=libraries=unused",
        ])
        .text();
    let paths = |name| -> Vec<String> {
        String::from_utf8(folder.read(name))
            .expect("text")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(paths("numpy"), ["./lib/numpy/core.so"]);
    // A link's target is no path that is searched.
    assert_eq!(
        paths("libraries"),
        ["./lib/numpy/test.py", "./lib/tree/a.so"]
    );
    assert_eq!(
        paths("rest"),
        [
            "./app/main.py",
            "./lib/tree",
            "./lib/tree/b.py",
            "./lib/link"
        ]
    );
    assert_eq!(folder.read("unused"), b"core.so\nmain.py\n");

    // The parts make the layer that the whole makes.
    let all = ["layer", "--output=layer", "--compress=none"];
    folder.tool(&[&all[..], &["--manifest=m"]].concat()).text();
    let whole = folder.read("layer");
    folder
        .tool(
            &[
                &all[..],
                &[
                    "--manifest=rest",
                    "--manifest=libraries",
                    "--manifest=numpy",
                ],
            ]
            .concat(),
        )
        .text();
    assert!(whole == folder.read("layer"));
}

#[test]
fn a_group_without_an_output_is_dropped() {
    let folder = Folder::new(&[("m", b"./a size=0\n./b size=0\n")]);
    folder
        .tool(&[
            "split",
            "--manifest=m",
            "--group=x=a",
            "--default=rest",
            "--output=rest=rest",
        ])
        .text();
    assert_eq!(
        folder
            .read("rest")
            .iter()
            .filter(|&&byte| byte == b'/')
            .count(),
        1
    );
    assert_eq!(
        folder.names().into_iter().collect::<Vec<_>>(),
        ["m", "rest"]
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = Folder::new(&[("m", b"./a size=0\n")]);
    for (arguments, problem) in [
        (
            &["--group=x=a(b", "--default=rest", "--output=rest=rest"][..],
            "--group x=a(b: invalid regular expression at character ",
        ),
        (
            &[
                "--group=x=déjà[z-a]",
                "--default=rest",
                "--output=rest=rest",
            ],
            "invalid regular expression at character 6: ",
        ),
        (
            &[
                "--group=x=a",
                "--group=x=b",
                "--default=rest",
                "--output=rest=rest",
            ],
            "two groups have one name; rename one of them",
        ),
        (
            &["--group=x=a", "--default=rest", "--output=y=rest"],
            "no --group or --default is named y; name one of rest, x",
        ),
        (
            &["--group=x", "--default=rest", "--output=rest=rest"],
            "write NAME=VALUE",
        ),
    ] {
        let answer = folder.tool(&[&["split", "--manifest=m"], arguments].concat());
        assert_eq!(answer.code, Some(2), "{}", answer.stderr);
        assert!(answer.stderr.contains(problem), "{}", answer.stderr);
        assert_eq!(folder.names().into_iter().collect::<Vec<_>>(), ["m"]);
    }
}
