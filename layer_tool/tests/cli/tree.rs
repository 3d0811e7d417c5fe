//! What becomes of the links in a tree.

use crate::directory::Directory;
use std::os::unix::fs::symlink;

/// A directory with files, and links given as pairs of path and target.
fn directory(files: &[&str], links: &[(&str, &str)]) -> Directory {
    let directory = Directory::new(&[]);
    for file in files {
        directory.write(file, file.as_bytes());
    }
    for (link, target) in links {
        let path = directory.path(link);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        symlink(target, path).expect("a link");
    }
    directory
}

/// Paths of a layer, with the targets of its links and sizes of its files.
fn listed(directory: &Directory) -> Vec<String> {
    let list = directory.tool(&["ls", "layer"]).text();
    list.lines()
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            match words[0].as_bytes()[0] {
                b'd' => format!("{}/", words[4]),
                b'l' => words[4..].join(" "),
                _ => format!("{} {}", words[4], words[2]),
            }
        })
        .collect()
}

/// A tree with each kind of link, beside another.
fn linked() -> Directory {
    let directory = directory(
        &["out/t/a", "out/t/sub/b", "out/other/c", "out/unseen/d"],
        &[
            ("out/t/link", "a"),
            ("out/t/chain", "link"),
            ("out/t/folder", "sub"),
            ("out/t/sub/up", "../a"),
            ("out/t/sub/loop", ".."),
            ("out/t/Link", "sub/../a"),
            ("out/t/nowhere", "sub/nothing"),
            ("out/t/leaves", "../other/c"),
            ("out/t/sub/to", "../../other"),
            ("out/t/to_leaves", "leaves"),
            ("out/t/unseen", "../unseen/d"),
        ],
    );
    std::fs::create_dir_all(directory.path("out/t/empty/deep")).expect("a directory");
    directory
}

const KEPT: [&str; 18] = [
    "r/",
    "r/m/",
    "r/m/t/",
    "r/m/t/Link -> sub/../a",
    "r/m/t/a 7",
    "r/m/t/chain -> link",
    "r/m/t/empty/",
    "r/m/t/empty/deep/",
    "r/m/t/folder -> sub",
    "r/m/t/leaves -> ../../x/other/c",
    "r/m/t/link -> a",
    "r/m/t/nowhere -> sub/nothing",
    "r/m/t/sub/",
    "r/m/t/sub/b 11",
    "r/m/t/sub/loop -> ..",
    "r/m/t/sub/to -> ../../../x/other",
    "r/m/t/sub/up -> ../a",
    "r/m/t/to_leaves -> leaves",
];

fn kept() -> Vec<&'static str> {
    let other = ["r/m/t/unseen 12", "r/x/", "r/x/other/", "r/x/other/c 11"];
    KEPT.iter().chain(&other).copied().collect()
}

#[test]
fn links_are_kept_where_what_they_lead_to_is_in_the_image() {
    let directory = linked();
    directory
        .layer(
            "./r/m/t type=tree links=keep contents=out/t\n./r/x/other type=tree contents=out/other\n",
            &[],
        )
        .text();
    assert_eq!(listed(&directory), kept());
}

#[test]
fn listed_links_make_the_same_layer_of_copies() {
    let directory = linked();
    directory.write("trees", b"/set uid=7 lmode=0775 dmode=0700 links=keep\n./r/m/t type=tree contents=out/t\n./never type=tree contents=out/other\n./r/m/f contents=never_read\n");
    directory.write(
        "elsewhere",
        b"./r/x/other type=tree contents=out/other\n./r/x/f contents=never_read\n",
    );
    directory
        .tool(&[
            "tree-links",
            "--manifest=trees",
            "--elsewhere=elsewhere",
            "--output=links",
        ])
        .text();
    let links = String::from_utf8(directory.read("links")).expect("text");
    assert_eq!(links.lines().count(), 12, "{links}");
    assert!(
        links.contains(
            "./r/m/t/leaves type=link mode=0775 dmode=0700 uid=7 gid=0 time=0 link=../../x/other/c\n"
        ),
        "{links}"
    );

    // As a remote executor has it: copies, and no empty directories.
    directory.run("rm", &["out/t/nowhere", "out/t/sub/loop"]);
    directory.run("cp", &["-rL", "out/t", "copies"]);
    directory.run("rm", &["-r", "copies/empty"]);
    let mut layers = Vec::new();
    for tree in ["out/t", "copies"] {
        directory.write("m", format!("/set uid=7 lmode=0775 dmode=0700 links=listed\n./r/m/t type=tree contents={tree}\n./r/x/other type=tree contents=out/other\n").as_bytes());
        directory
            .tool(&[
                "layer",
                "--manifest=links",
                "--manifest=m",
                "--output=layer",
                "--metadata=json",
            ])
            .text();
        assert_eq!(listed(&directory), kept(), "{tree}");
        layers.push(directory.read("layer"));
    }
    assert_eq!(layers[0], layers[1]);

    // And so if the tree is split.
    directory
        .tool(&[
            "split",
            "--manifest=links",
            "--manifest=m",
            "--group=sub=/t/sub/",
            "--default=rest",
            "--output=sub=sub",
            "--output=rest=rest",
        ])
        .text();
    directory
        .tool(&[
            "layer",
            "--manifest=sub",
            "--manifest=rest",
            "--output=layer",
        ])
        .text();
    assert_eq!(directory.read("layer"), layers[0]);
}

/// Where a way to a target leaves the tree, `..` is not what names alone make of it.
#[test]
fn links_that_lead_through_links() {
    let directory = directory(
        &["t/s", "t/sub/a", "o/s", "o/sub/f", "o/sub/g"],
        &[
            ("t/out", "../o/sub"),
            ("t/inner", "sub"),
            ("t/of_names", "inner/../s"),
            ("t/through", "out/../s"),
            ("t/below", "out/f"),
            ("t/back", "out/../../t/s"),
            ("t/around", "../t/sub"),
            ("t/sub/top", "../../t"),
            ("t/ring", "gnir/x"),
            ("t/gnir", "ring/x"),
        ],
    );
    let inside = [
        "r/",
        "r/u/",
        "r/u/around -> sub",
        "r/u/back -> s",
        "r/u/gnir -> ring/x",
        "r/u/inner -> sub",
        "r/u/of_names -> inner/../s",
        "r/u/ring -> gnir/x",
        "r/u/s 3",
        "r/u/sub/",
        "r/u/sub/a 7",
        "r/u/sub/top -> ..",
    ];
    let file = |path: &str| format!("{path} type=artifact contents=o/sub/f\n");
    for (others, outside) in [
        // Copies.
        (
            String::new(),
            &[
                "r/u/below 7",
                "r/u/out/",
                "r/u/out/f 7",
                "r/u/out/g 7",
                "r/u/through 3",
            ][..],
        ),
        (
            "./x type=tree contents=o\n".to_owned(),
            &[
                "r/u/below -> ../../x/sub/f",
                "r/u/out -> ../../x/sub",
                "r/u/through -> ../../x/s",
                "x/",
                "x/s 3",
                "x/sub/",
                "x/sub/f 7",
                "x/sub/g 7",
            ],
        ),
        (
            "./x type=tree contents=o/sub\n".to_owned(),
            &[
                "r/u/below -> ../../x/f",
                "r/u/out -> ../../x",
                "r/u/through 3",
                "x/",
                "x/f 7",
                "x/g 7",
            ],
        ),
        (
            file("./x"),
            &[
                "r/u/below -> ../../x",
                "r/u/out/",
                "r/u/out/f 7",
                "r/u/out/g 7",
                "r/u/through 3",
                "x 7",
            ],
        ),
    ] {
        let manifest = format!("./r/u type=tree links=keep contents=t\n{others}");
        directory.layer(&manifest, &["--no-hard-links"]).text();
        let mut expected = [&inside[..], outside].concat();
        expected.sort_by_key(|line| line.split(' ').next().map(|path| path.replace('/', "\0")));
        assert_eq!(listed(&directory), expected, "{others}");
    }
}

#[test]
fn links_are_followed_and_empty_directories_left_out() {
    let directory = linked();
    directory.run("rm", &["out/t/nowhere", "out/t/sub/loop"]);
    directory
        .layer(
            "./t type=tree links=follow contents=out/t\n./f type=artifact links=follow contents=out/t/leaves\n./d type=artifact links=follow contents=out/other\n",
            &[],
        )
        .text();
    assert_eq!(
        listed(&directory),
        [
            "d/",
            "d/c 11",
            "f 11",
            "t/",
            "t/Link 7",
            "t/a 7",
            "t/chain 7",
            "t/folder/",
            "t/folder/b 11",
            "t/folder/to/",
            "t/folder/to/c 11",
            "t/folder/up 7",
            "t/leaves 11",
            "t/link 7",
            "t/sub/",
            "t/sub/b 11",
            "t/sub/to/",
            "t/sub/to/c 11",
            "t/sub/up 7",
            "t/to_leaves 11",
            "t/unseen 12",
        ]
    );
}

#[test]
fn a_link_out_of_the_build_is_no_file_of_a_layer() {
    let machine = Directory::new(&[
        ("secret", b"1"),
        ("directory/secret", b"2"),
        ("bin/python3", b"3"),
    ]);
    let secret = machine.path("secret").to_str().expect("text").to_owned();
    let directories = machine.path("directory").to_str().expect("text").to_owned();
    // Its name is that of the link, as in a sandbox.
    let python = machine.path("bin/python3");
    let python = python.to_str().expect("text").to_owned();
    let climbs = format!("{}{secret}", "../".repeat(40));
    let directory = directory(
        &["t/a", "u/a", "v/a", "w/a"],
        &[
            ("t/l", &secret),
            ("u/l", &directories),
            ("v/l", &climbs),
            ("w/l", "../hop"),
            ("hop", &secret),
            ("x/bin/python3", &python),
        ],
    );
    for (what, link, target) in [
        ("type=tree contents=t", "t/l", &secret),
        ("type=tree links=keep contents=t", "t/l", &secret),
        ("type=tree links=follow contents=u", "u/l", &directories),
        ("type=tree links=keep contents=u", "u/l", &directories),
        ("type=tree contents=v", "v/l", &climbs),
        ("type=tree links=keep contents=v", "v/l", &climbs),
        ("type=tree contents=w", "w/l", &secret),
        ("type=tree links=keep contents=w", "w/l", &secret),
        (
            "type=tree links=keep contents=x/bin",
            "x/bin/python3",
            &python,
        ),
        ("type=artifact contents=hop", "hop", &secret),
        ("type=artifact links=follow contents=hop", "hop", &secret),
    ] {
        for (label, expected) in [
            ("", "m:3: "),
            ("#label //app:layers", "//app:layers: x/y: "),
        ] {
            let answer = directory.layer(&format!("#mtree\n{label}\n./x/y {what}\n"), &[]);
            let problem =
                format!("{expected}{link} is a link to {target}, which is outside the build, ");
            answer.expect_refusal(&[1], &problem);
            assert!(!directory.names().contains("layer"), "{what}");
        }
    }
}

/// In a sandbox each file is a link to where it is in the execution root, where sources are links
/// to the workspace.
#[test]
fn links_of_a_sandbox_are_none() {
    let base = Directory::new(&[
        ("workspace/pkg/source", b"source"),
        ("outside", b"outside"),
        ("base/external/repo/f", b"fetched"),
        ("base/execroot/m/bazel-out/t/a", b"1"),
        ("base/execroot/m/bazel-out/t/sub/b", b"22"),
    ]);
    let at = |path: &str| base.path(path).to_str().expect("text").to_owned();
    let link = |target: String, path: &str| symlink(target, base.path(path)).expect("a link");
    let mkdir = |path: &str| std::fs::create_dir_all(base.path(path)).expect("a directory");
    mkdir("base/execroot/m/external");
    mkdir("base/execroot/m/bazel-out/t/empty");
    link(at("workspace/pkg"), "base/execroot/m/pkg");
    link(at("base/external/repo"), "base/execroot/m/external/repo");
    link("a".to_owned(), "base/execroot/m/bazel-out/t/link");
    link("sub".to_owned(), "base/execroot/m/bazel-out/t/folder");
    link(
        at("workspace/pkg/source"),
        "base/execroot/m/bazel-out/source",
    );
    link(
        at("base/external/repo/f"),
        "base/execroot/m/bazel-out/fetched",
    );
    link(at("outside"), "base/execroot/m/bazel-out/outside");
    link(at("outside"), "workspace/pkg/of_the_user");

    let sandbox = "base/sandbox/1/execroot/m";
    for path in [
        "bazel-out/t/a",
        "bazel-out/t/link",
        "bazel-out/t/sub/b",
        "bazel-out/t/folder/b",
        "bazel-out/source",
        "bazel-out/fetched",
        "bazel-out/outside",
        "pkg/source",
        "pkg/of_the_user",
    ] {
        let shown = format!("{sandbox}/{path}");
        mkdir(shown.rsplit_once('/').expect("a directory").0);
        link(at(&format!("base/execroot/m/{path}")), &shown);
    }

    let files = "/set type=artifact links=follow\n./source contents=bazel-out/source\n./fetched contents=bazel-out/fetched\n./s contents=pkg/source\n./u contents=pkg/of_the_user\n";
    for (links, expected) in [
        (
            "keep",
            "t/ t/a t/empty/ t/folder->sub t/link->a t/sub/ t/sub/b",
        ),
        (
            "follow",
            "t/ t/a t/folder/ t/folder/b t/link t/sub/ t/sub/b",
        ),
    ] {
        let manifest = format!("{files}./t type=tree links={links} contents=bazel-out/t\n./never contents=bazel-out/outside\n");
        for root in ["base/execroot/m", sandbox] {
            base.write(&format!("{root}/m"), manifest.as_bytes());
            let layer = |manifest: &str| {
                base.run(
                    "sh",
                    &[
                        "-c",
                        "cd \"$1\" && exec \"$0\" layer --manifest=\"$2\" --output=layer",
                        crate::directory::tool().to_str().expect("text"),
                        root,
                        manifest,
                    ],
                )
            };
            layer("m").expect_refusal(
                &[1],
                &format!(
                    "bazel-out/outside is a link to {}, which is outside the build",
                    at("outside")
                ),
            );
            let without = manifest.replace("./never", "#");
            base.write(&format!("{root}/m"), without.as_bytes());
            // One alone, as what is known of a build from one link must not help the next.
            for line in files.lines().skip(1) {
                base.write(
                    &format!("{root}/alone"),
                    format!("/set type=artifact links=follow\n{line}\n").as_bytes(),
                );
                layer("alone").text();
            }
            layer("m").text();
            let list = base.tool(&["ls", &format!("{root}/layer")]).text();
            let paths: Vec<_> = list
                .lines()
                .map(|line| {
                    let path = line.split(' ').skip(4).collect::<Vec<_>>().concat();
                    path + if line.starts_with('d') { "/" } else { "" }
                })
                .collect();
            assert_eq!(
                paths.join(" "),
                format!("fetched s source {expected} u"),
                "{links} in {root}"
            );
        }
    }
}

#[test]
fn what_node_gyp_leaves_is_left_out() {
    let directory = directory(
        &["t/build/Release/a.node", "t/build/node_gyp_bins_2/a"],
        &[
            ("t/build/node_gyp_bins/python3", "/usr/bin/python3"),
            ("t/p/build/node_gyp_bins/python3", "/nowhere/python3"),
        ],
    );
    for links in ["keep", "follow", "listed"] {
        let manifest = format!("./t type=tree links={links} contents=t\n");
        directory.layer(&manifest, &[]).text();
        let list = listed(&directory);
        assert!(
            list.contains(&"t/build/node_gyp_bins_2/a 25".to_owned()),
            "{list:?}"
        );
        assert!(
            !list.iter().any(|line| line.contains("python3")),
            "{list:?}"
        );
    }
}

#[test]
fn a_store_of_packages_without_links_has_lost_them() {
    let copied = directory(
        &[
            "t/node_modules/.pnpm/a@1/node_modules/a/i",
            "t/node_modules/a/i",
        ],
        &[],
    );
    let answer = copied.layer("./t type=tree links=keep contents=t\n", &[]);
    answer.expect_refusal(&[1], "m:1: t/node_modules/.pnpm is a store of packages, but nothing in t links to one of them: a cache has brought copies instead of the links; build with --remote_download_outputs=all, or set tree_links to follow");
    copied
        .layer("./t type=tree links=follow contents=t\n", &[])
        .text();
    let whole = directory(
        &["t/node_modules/.pnpm/a@1/node_modules/a/i"],
        &[("t/node_modules/a", ".pnpm/a@1/node_modules/a")],
    );
    whole
        .layer("./t type=tree links=keep contents=t\n", &[])
        .text();
}

#[test]
fn links_beside_each_other_have_an_end() {
    let directory = Directory::new(&[]);
    for level in 0..10 {
        for name in ["a", "b"] {
            let link = directory.path(format!("t/{level}/{name}"));
            std::fs::create_dir_all(link.parent().expect("a parent")).expect("a directory");
            symlink(format!("../{}", level + 1), link).expect("a link");
        }
    }
    for end in 0..500 {
        directory.write(&format!("t/10/{end}"), b"");
    }
    let answer = directory.layer("./t type=tree contents=t\n", &[]);
    answer.expect_refusal(&[1], "m:1: t has more than 1000000 files behind links to directories; keep links by links=keep, or remove some");
    directory
        .layer("./t type=tree links=keep contents=t\n", &[])
        .text();
    assert_eq!(listed(&directory).len(), 1 + 11 + 2 * 10 + 500);
}

#[test]
fn deep_trees_have_an_end() {
    let directory = Directory::new(&[]);
    // No path as long as the last can be named at once.
    let deep = "d/".repeat(2000);
    directory.run("mkdir", &["-p", &format!("t/{deep}")]).text();
    directory.layer("./t type=tree contents=t\n", &[]).text();
    assert_eq!(listed(&directory).len(), 2001);
    let answer = directory.layer(
        &format!("./{}x type=tree contents=t\n", "e/".repeat(100)),
        &[],
    );
    answer.expect_refusal(
        &[1],
        "` has 4201 bytes, and systems take 4096 at most; put it below fewer or shorter directories",
    );
}

/// A way through links is told where it is far too long, not at its end: it may have none that is
/// near.
#[test]
fn ways_through_links_have_an_end() {
    let directory = Directory::new(&[("t/40/end", b"")]);
    for level in 0..40 {
        let link = directory.path(format!("t/{level}/{}", "l".repeat(255)));
        std::fs::create_dir_all(link.parent().expect("a parent")).expect("a directory");
        symlink(format!("../{}", level + 1), link).expect("a link");
    }
    // With a slash before each, 32 names are 8192 bytes.
    for (path, bytes) in [
        ("t".to_owned(), 1 + 8192),
        (
            ["t", "t"].map(|name| name.repeat(127)).join("/"),
            255 + 8192,
        ),
        (
            format!("{}/{}", "t".repeat(127), "t".repeat(128)),
            256 + 8192,
        ),
    ] {
        let answer = directory.layer(&format!("./{path} type=tree contents=t/0\n"), &[]);
        answer.expect_refusal(
            &[1],
            &format!("` has {bytes} bytes, and systems take 4096 at most"),
        );
    }
}
