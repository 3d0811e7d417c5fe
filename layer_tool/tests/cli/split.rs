//! Groups by regular expressions.

use crate::directory::Directory;

const ALL: &str = "\
#mtree
/set time=0 uname=user gname=group
./app/main.py contents=main.py
./lib/numpy/core.so contents=core.so
./lib/numpy/test.py contents=test.py
./lib/tree type=tree contents=tree
./lib/link type=link link=numpy
";

#[test]
fn the_first_group_that_finds_takes_the_entry() {
    let directory = Directory::new(&[
        ("tree/a.so", b""),
        ("tree/b.py", b""),
        ("m", ALL.as_bytes()),
    ]);
    for name in ["main.py", "core.so", "test.py"] {
        directory.write(name, b"");
    }
    directory
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
        String::from_utf8(directory.read(name))
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
        ["./app/main.py", "./lib/tree/b.py", "./lib/link"]
    );
    assert_eq!(directory.read("unused"), b"core.so\nmain.py\n");

    // The parts make the layer that the whole makes.
    let all = ["layer", "--output=layer", "--compress=none"];
    directory
        .tool(&[&all[..], &["--manifest=m"]].concat())
        .text();
    let whole = directory.read("layer");
    directory
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
    assert!(whole == directory.read("layer"));
}

#[test]
fn a_group_without_an_output_is_dropped() {
    let directory = Directory::new(&[("m", b"./a size=0\n./b size=0\n")]);
    directory
        .tool(&[
            "split",
            "--manifest=m",
            "--group=x=a",
            "--default=rest",
            "--output=rest=rest",
        ])
        .text();
    assert_eq!(
        directory
            .read("rest")
            .iter()
            .filter(|&&byte| byte == b'/')
            .count(),
        1
    );
    assert_eq!(
        directory.names().into_iter().collect::<Vec<_>>(),
        ["m", "rest"]
    );
}

#[test]
fn a_prefix_stands_before_the_path_and_links_only_where_they_are_found() {
    let directory = Directory::new(&[(
        "m",
        b"./a/l type=artifact contents=l\n./b/l type=artifact contents=l\n./b/t type=tree contents=t\n",
    ), ("t/f", b"")]);
    directory
        .tool(&[
            "split",
            "--manifest=m",
            r"--group=x=^\./",
            "--default=rest",
            "--prefix=./",
            r"--links=^\./a/",
            "--output=x=out",
        ])
        .text();
    let text = String::from_utf8(directory.read("out")).expect("text");
    let kinds: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        kinds,
        [
            "./a/l type=artifact contents=l",
            "./b/l type=artifact links=follow",
            "./b/t/f type=file mode=0644"
        ]
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let directory = Directory::new(&[("m", b"./a size=0\n")]);
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
                "--group=x=a)",
                "--default=rest",
                "--label=//a:b",
                "--output=rest=rest",
            ],
            "layer_tool: attribute layer_groups of //a:b: \"x\": a): invalid regular expression at character 2: ",
        ),
        (
            &[
                "--links=a)",
                "--default=rest",
                "--label=//a:b",
                "--output=rest=rest",
            ],
            "layer_tool: attribute preserve_symlinks of //a:b: a): invalid regular expression at character 2: ",
        ),
        (
            &[
                "--group=x=a",
                "--group=x=b",
                "--default=rest",
                "--output=rest=rest",
            ],
            "two groups have the same name; rename one of them",
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
        let answer = directory.tool(&[&["split", "--manifest=m"], arguments].concat());
        assert_eq!(answer.code, Some(2), "{}", answer.stderr);
        assert!(answer.stderr.contains(problem), "{}", answer.stderr);
        assert_eq!(directory.names().into_iter().collect::<Vec<_>>(), ["m"]);
    }
}

#[test]
fn expressions_are_refused_at_the_character_that_is_wrong() {
    let directory = Directory::new(&[("m", b"./a size=0\n")]);
    for (expression, shown, problem) in [
        (
            "a(b",
            "a(b",
            "4: Opening parenthesis without closing parenthesis",
        ),
        ("*a", "*a", "1: Target of repeat operator is invalid"),
        (
            "é)",
            "é)",
            "2: General parsing error: end of string not reached",
        ),
        (
            "a{2,1}",
            "a{2,1}",
            "2: invalid repetition count range, the start must be <= the end",
        ),
        (
            "(?=é)(?:x|b{10,9}?)",
            "(?=é)(?:x|b{10,9}?)",
            "12: invalid repetition count range, the start must be <= the end",
        ),
        (r"é\p{Foo}", r"é\p{Foo}", "2: Unicode property not found"),
        (
            r"(a)\2",
            r"(a)\2",
            "1: Error compiling regex: Invalid back reference to group 2",
        ),
        (
            "(x)é(?(2)a|b)",
            "(x)é(?(2)a|b)",
            "5: Invalid back reference to group 2",
        ),
        (
            "\n(?=",
            r"\n(?=",
            "5: Opening parenthesis without closing parenthesis",
        ),
    ] {
        let group = format!("--group=x={expression}");
        let answer = directory.tool(&[
            "split",
            "--manifest=m",
            &group,
            "--default=d",
            "--output=d=d",
        ]);
        assert_eq!(answer.code, Some(2), "{expression}");
        assert_eq!(
            answer.stderr,
            format!("layer_tool: --group x={shown}: invalid regular expression at character {problem}\n")
        );
        assert_eq!(directory.names().into_iter().collect::<Vec<_>>(), ["m"]);
    }
}

#[test]
fn parts_keep_all_that_a_line_says() {
    let directory = Directory::new(&[("t/x", b""), ("t/y", b"")]);
    directory.write(
        "m",
        b"/set uid=1 mode=0640\n./f\\040\\377 contents=t/x gid=2 uname=u time=3.4\n./e size=0\n\
        ./a type=artifact contents=t\n./t type=tree contents=t dmode=0700\n./l type=link link=\\043\n",
    );
    let part = |expression: &str| {
        let group = format!("--group=x={expression}");
        directory
            .tool(&[
                "split",
                "--manifest=m",
                &group,
                "--default=d",
                "--output=x=out",
                "--unused=x=unused",
            ])
            .text();
        let text = |name| String::from_utf8(directory.read(name)).expect("text");
        (text("out"), text("unused"))
    };
    for (expression, records, unused) in [
        (
            "^/f",
            "./f\\040\\377 mode=0640 uid=1 gid=2 time=3.4 uname=u contents=t/x\n",
            "t\n",
        ),
        ("^/e{1,1}$", "./e mode=0640 uid=1 size=0\n", "t\nt/x\n"),
        // What an artifact is, is known where a layer is written.
        (
            "^/a",
            "./a type=artifact mode=0640 uid=1 contents=t\n",
            "t/x\n",
        ),
        (
            "^/t$|/y",
            "./t/y type=file mode=0640 dmode=0700 uid=1 gid=0 time=0 contents=t/y\n",
            "t/x\n",
        ),
        (
            "^/l(?!i)",
            "./l type=link mode=0640 uid=1 link=\\043\n",
            "t\nt/x\n",
        ),
        ("^/(?=l)x", "", "t\nt/x\n"),
        (
            "(?<=/e?)l$",
            "./l type=link mode=0640 uid=1 link=\\043\n",
            "t\nt/x\n",
        ),
    ] {
        assert_eq!(
            part(expression),
            (format!("#mtree\n{records}"), unused.to_owned())
        );
    }
}

/// What only a path shows is of the attribute that has the expression.
#[test]
fn expressions_that_take_too_long() {
    let manifest = format!("./{} type=artifact contents=m\n", "a".repeat(40));
    let directory = Directory::new(&[("m", manifest.as_bytes())]);
    let slow = "(?=a)(a+a+)+(?!b)c$";
    for (argument, attribute) in [
        (format!("--group=g={slow}"), "layer_groups"),
        (format!("--links={slow}"), "preserve_symlinks"),
    ] {
        let split = ["split", "--manifest=m", "--label=//a:b", "--default=d"];
        let answer = directory.tool(&[&split[..], &["--output=d=out", &argument]].concat());
        let problem = format!("layer_tool: attribute {attribute} of //a:b: {slow}: ");
        answer.expect_refusal(&[2], &problem);
    }
}

/// Bazel reads a line as a path: half a name could be that of another source.
#[test]
fn a_name_with_a_newline_is_in_no_list_of_unused_sources() {
    let directory = Directory::new(&[
        (
            "m",
            b"./a contents=a\n./b contents=x\\012used\n./c contents=unused\n",
        ),
        ("x\nused", b""),
        ("used", b""),
        ("unused", b""),
        ("a", b""),
    ]);
    directory
        .tool(&[
            "split",
            "--manifest=m",
            "--group=g=^/a$",
            "--default=d",
            "--output=g=out",
            "--unused=g=list",
        ])
        .text();
    assert_eq!(directory.read("list"), b"unused\n");
}
