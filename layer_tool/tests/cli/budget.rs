//! Images that are too large.

use crate::directory::{Answer, Directory};
use crate::layer::sha256;
use serde_json::{json, Value};

fn unit(name: &str, size: u64) -> Value {
    json!({
        "name": name, "kind": "distribution", "group": "packages", "reason": "", "digest": sha256(name.as_bytes()),
        "size": size, "uncompressed_size": 2 * size, "files": 1, "machines": {},
    })
}

fn layer(name: &str, units: &[Value], size: u64) -> Value {
    json!({
        "name": name, "digest": sha256(name.as_bytes()), "size": size, "uncompressed_size": 2 * size, "files": 1,
        "machines": {}, "units": units,
    })
}

/// A plan of a layer of twelve packages, and one of one.
fn directory() -> Directory {
    let packages: Vec<_> = (1..=12)
        .map(|number| unit(&format!("p{number}"), number * 1000))
        .collect();
    let mut app = unit("app", 3072);
    app["digest"] = json!(sha256(b"default"));
    app["uncompressed_size"] = json!(6144);
    let files: Vec<_> = (0..3)
        .map(|number| json!({"path": format!("f{number}"), "offset": number * 1024, "size": 1024 * (3 - number)}))
        .collect();
    let plan = json!({
        "name": "//:layers",
        "layers": [layer("packages", &packages, 78_000), layer("default", &[app], 3072)],
    });
    Directory::new(&[
        ("plan", plan.to_string().as_bytes()),
        (
            "files",
            json!({"layers": [{"digest": sha256(b"default"), "files": files}]})
                .to_string()
                .as_bytes(),
        ),
    ])
}

fn check(directory: &Directory, arguments: &[&str]) -> Answer {
    directory.tool(&[&["budget", "--plan=plan"], arguments].concat())
}

#[test]
fn what_fits_passes() {
    let directory = directory();
    assert_eq!(
        check(
            &directory,
            &[
                "--max=packages=78000",
                "--max=default=3072",
                "--max-total=81072"
            ]
        )
        .text(),
        "//:layers\n  ok: layer packages has 76.2 KiB compressed, 78000 bytes of 78000\n  \
         ok: layer default has 3.0 KiB compressed, 3072 bytes of 3072\n  \
         ok: total has 79.2 KiB compressed, 81072 bytes of 81072\n"
    );
    check(&directory, &["--uncompressed", "--max-total=162144"]).text();
}

#[test]
fn ten_biggest_are_told() {
    let directory = directory();
    let answer = check(&directory, &["--max=packages=77999", "--max=default=5000"]);
    assert_eq!(answer.code, Some(1));
    assert_eq!(
        answer.stderr,
        "layer_tool: plan: larger than its budget: layer packages of //:layers; see the biggest \
         parts above, and take some out or raise the budget\n"
    );
    let text = String::from_utf8(answer.stdout).expect("text");
    assert_eq!(
        text,
        "\
//:layers
  TOO LARGE: layer packages has 76.2 KiB compressed, 78000 bytes of 77999

  The biggest of it:

    11.7 KiB  12000  packages  p12
    10.7 KiB  11000  packages  p11
     9.8 KiB  10000  packages  p10
     8.8 KiB   9000  packages  p9
     7.8 KiB   8000  packages  p8
     6.8 KiB   7000  packages  p7
     5.9 KiB   6000  packages  p6
     4.9 KiB   5000  packages  p5
     3.9 KiB   4000  packages  p4
     2.9 KiB   3000  packages  p3

  ok: layer default has 3.0 KiB compressed, 3072 bytes of 5000
"
    );

    // Of one unit the files; of all layers the units.
    let text = |arguments: &[&str]| {
        let answer = check(&directory, arguments);
        assert_eq!(answer.code, Some(1), "{}", answer.stderr);
        String::from_utf8(answer.stdout).expect("text")
    };
    let files = text(&["--files=files", "--uncompressed", "--max=default=6143"]);
    assert!(files.contains("  3.0 KiB  3072  default  f0\n"), "{files}");
    let files = text(&["--files=files", "--max=default=3071"]);
    assert!(
        files.contains("  about 1.5 KiB  1536  default  f0\n"),
        "{files}"
    );
    let all = text(&["--files=files", "--max-total=1"]);
    assert!(
        all.contains("packages  p12\n") && all.contains("3072  default   app\n"),
        "{all}"
    );
    assert!(all.contains("TOO LARGE: total"), "{all}");
}

#[test]
fn what_is_no_budget_is_refused() {
    let directory = directory();
    directory.write("none", b"[]");
    for (arguments, code, problem) in [
        (
            &["--plan=plan", "--max=package=1"][..],
            1,
            "plan: //:layers has no layer \"package\"; use one of \
             \"packages\", \"default\"",
        ),
        (
            &["--plan=none", "--max-total=1"],
            1,
            "none: not the plan of an image",
        ),
        (
            &["--plan=plan"],
            2,
            "there is nothing to check; give --max or --max-total",
        ),
        (
            &["--plan=plan", "--max=packages=1MB"],
            2,
            "\"1MB\" is not a number of bytes",
        ),
        (&["--plan=plan", "--max=packages"], 2, "write NAME=VALUE"),
        (&["--plan=plan", "--max-total=-1"], 2, "--max-total"),
    ] {
        let answer = directory.tool(&[&["budget"], arguments].concat());
        assert_eq!(answer.code, Some(code), "{}", answer.stderr);
        assert!(answer.stderr.contains(problem), "{}", answer.stderr);
        assert_eq!(answer.stdout, b"");
    }
}
