//! What is in images: the lists of files, and the report as text, JSON and page.

use crate::directory::{tool, Directory};
use crate::layer::sha256;
use serde_json::{json, Value};

/// Bytes that are told apart from each other, `size` of them.
fn bytes(seed: u8, size: usize) -> Vec<u8> {
    (0..size).map(|at| seed ^ (at * at % 251) as u8).collect()
}

/// Layers `libs` (of numpy and odd) and `app`, their lists, and the plan of `new`; in the plan
/// of `old` numpy is without a file, another one differs, and `odd` is in a layer of its own.
pub fn directory() -> Directory {
    let directory = Directory::new(&[
        ("large", &bytes(1, 5000)),
        ("twice", &bytes(2, 1024)),
        ("small", b"small"),
    ]);
    for (fragment, manifest) in [
        (
            "numpy",
            "./lib/numpy/a\\040<b>.so contents=large\n./lib/numpy/z/twice contents=twice\n\
             ./lib/numpy/z/link type=link link=twice\n./lib/numpy/small contents=small\n",
        ),
        (
            "odd",
            "./lib/odd/again contents=twice\n./lib/odd/none size=0\n",
        ),
        (
            "numpy_old",
            "./lib/numpy/a\\040<b>.so contents=small\n./lib/numpy/gone size=0\n\
             ./lib/numpy/z/twice contents=twice\n./lib/numpy/z/link type=link link=twice\n",
        ),
    ] {
        directory.write("m", manifest.as_bytes());
        let output = format!("--output={fragment}.part");
        let sidecar = format!("--metadata={fragment}.json");
        directory
            .tool(&["layer", "--fragment", "--manifest=m", &output, &sidecar])
            .text();
    }
    concat(&directory, "libs", "libs", &["numpy", "odd"]);
    concat(&directory, "libs", "libs_old", &["numpy_old"]);
    concat(&directory, "odd", "odd_old", &["odd"]);
    directory
        .layer(
            "./app contents=twice\n./data/large contents=large\n",
            &["--name=app", "--compress=none"],
        )
        .text();
    for (layer, list) in [
        ("libs", "libs.files"),
        ("layer", "app.files"),
        ("libs_old", "libs_old.files"),
        ("odd_old", "odd_old.files"),
    ] {
        directory.tool(&["files", layer, "--output", list]).text();
    }
    let unit = |name: &str, kind: &str, group: &str, sidecar: &str| {
        json!({"name": name, "kind": kind, "group": group, "reason": "why", "sidecar": sidecar})
            .to_string()
    };
    plan(
        &directory,
        "new",
        &["libs.json", "json"],
        &[
            unit("numpy", "distribution", "libs", "numpy.json"),
            unit("odd", "distribution", "libs", "odd.json"),
            unit("//:app", "own", "app", "json"),
        ],
    );
    plan(
        &directory,
        "old",
        &["libs_old.json", "odd_old.json", "json"],
        &[
            unit("numpy", "distribution", "libs", "numpy_old.json"),
            unit("odd", "distribution", "odd", "odd.json"),
            unit("//:app", "own", "app", "json"),
        ],
    );
    directory
}

fn concat(directory: &Directory, name: &str, output: &str, fragments: &[&str]) {
    let mut arguments = vec![
        "concat".to_owned(),
        format!("--name={name}"),
        format!("--output={output}"),
        format!("--metadata={output}.json"),
    ];
    for fragment in fragments {
        arguments.push(format!("--fragment={fragment}.part"));
        arguments.push(format!("--sidecar={fragment}.json"));
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    directory.tool(&arguments).text();
}

fn plan(directory: &Directory, name: &str, layers: &[&str], units: &[String]) {
    let name_is = format!("--name=//:{name}");
    let output = format!("--output={name}.plan.json");
    let mut arguments = vec!["plan", &name_is, &output];
    for layer in layers {
        arguments.extend(["--layer", layer]);
    }
    for unit in units {
        arguments.extend(["--unit", unit]);
    }
    directory.tool(&arguments).text();
}

const NEW: [&str; 3] = [
    "--plan=new.plan.json",
    "--files=libs.files",
    "--files=app.files",
];
const OLD: [&str; 3] = [
    "--against=old.plan.json",
    "--files=libs_old.files",
    "--files=odd_old.files",
];

fn report(directory: &Directory, arguments: &[&[&str]]) -> String {
    directory
        .tool(&[&["report"], &arguments.concat()[..]].concat())
        .text()
}

fn report_json(directory: &Directory, arguments: &[&[&str]]) -> Value {
    let all = [arguments, &[&["--format=json"]]].concat();
    serde_json::from_str(&report(directory, &all)).expect("JSON")
}

#[test]
fn a_list_has_each_file_with_its_bytes_of_the_tar() {
    let directory = directory();
    let list: Value = serde_json::from_slice(&directory.read("libs.files")).expect("JSON");
    let large = sha256(&directory.read("large"));
    let twice = sha256(&directory.read("twice"));
    let small = sha256(&directory.read("small"));
    // Four directories, lib, lib/numpy, lib/numpy/z and lib/odd, stand before all.
    assert_eq!(
        list,
        json!({"layers": [{
            "digest": sha256(&directory.read("libs")),
            "files": [
                {"path": "lib/numpy/a\\040<b>.so", "offset": 2048, "size": 512 + 5120, "digest": large},
                {"path": "lib/numpy/small", "offset": 7680, "size": 1024, "digest": small},
                {"path": "lib/numpy/z/link", "offset": 8704, "size": 512, "link": "twice"},
                {"path": "lib/numpy/z/twice", "offset": 9216, "size": 1536, "digest": twice},
                {"path": "lib/odd/again", "offset": 10752, "size": 1536, "digest": twice},
                {"path": "lib/odd/none", "offset": 12288, "size": 512},
            ],
        }]})
    );
}

#[test]
fn json_has_files_and_what_is_there_twice() {
    let directory = directory();
    let facts = report_json(&directory, &[&NEW]);
    let image = &facts["images"][0];
    assert_eq!(image["name"], "//:new");
    let units = &image["layers"][0]["units"];
    let numpy = &units[0];
    let sidecar: Value = serde_json::from_slice(&directory.read("numpy.json")).expect("JSON");
    assert_eq!(numpy["size"], sidecar["size"]);
    let size = sidecar["size"].as_u64().expect("a size");
    let share = |bytes: u64| bytes * size / (5632 + 1024 + 512 + 1536);
    assert_eq!(
        numpy["paths"],
        json!([
            {"path": "lib/numpy/a\\040<b>.so", "size": share(5632), "uncompressed_size": 5632},
            {"path": "lib/numpy/small", "size": share(1024), "uncompressed_size": 1024},
            {"path": "lib/numpy/z/link", "size": share(512), "uncompressed_size": 512, "link": "twice"},
            {"path": "lib/numpy/z/twice", "size": share(1536), "uncompressed_size": 1536},
        ])
    );
    assert_eq!(units[1]["paths"][1]["path"], "lib/odd/none");
    assert_eq!(
        image["duplicates"],
        json!([
            {
                "wasted": 5632,
                "uncompressed_size": 5632,
                "copies": [
                    {"layer": "libs", "unit": "numpy", "path": "lib/numpy/a\\040<b>.so"},
                    {"layer": "app", "unit": "//:app", "path": "data/large"},
                ],
            },
            {
                "wasted": 2 * 1536,
                "uncompressed_size": 1536,
                "copies": [
                    {"layer": "libs", "unit": "numpy", "path": "lib/numpy/z/twice"},
                    {"layer": "libs", "unit": "odd", "path": "lib/odd/again"},
                    {"layer": "app", "unit": "//:app", "path": "app"},
                ],
            },
        ])
    );
    // Without lists there are no files.
    let facts = report_json(&directory, &[&NEW[..1]]);
    assert_eq!(
        facts["images"][0]["layers"][0]["units"][0].get("paths"),
        None
    );
    assert_eq!(facts["images"][0]["duplicates"], json!([]));
}

#[test]
fn images_of_one_report_share_layers_and_units() {
    let directory = directory();
    let facts = report_json(
        &directory,
        &[&["--plan=new.plan.json", "--plan=old.plan.json"]],
    );
    let [new, old] = [&facts["images"][0]["layers"], &facts["images"][1]["layers"]];
    assert_eq!(new[0]["shared_with"], json!([]));
    assert_eq!(new[0]["units"][0]["shared_with"], json!([]));
    assert_eq!(new[0]["units"][1]["shared_with"], json!(["//:old"]));
    assert_eq!(new[1]["shared_with"], json!(["//:old"]));
    assert_eq!(old[1]["shared_with"], json!([]));
    assert_eq!(old[1]["units"][0]["shared_with"], json!(["//:new"]));

    // Of one name they are told apart, by the machines that they are for if that will do.
    for machine in ["x86_64", "aarch64"] {
        let plan = json!({"name": "//:both", "layers": [{
            "name": "app", "digest": sha256(machine.as_bytes()), "size": 1, "uncompressed_size": 1, "files": 1,
            "machines": {machine: "app"}, "units": [],
        }]});
        directory.write(machine, plan.to_string().as_bytes());
    }
    let both = report_json(&directory, &[&["--plan=x86_64", "--plan=aarch64"]]);
    assert_eq!(both["images"][0]["name"], "//:both x86_64");
    assert_eq!(both["images"][1]["name"], "//:both aarch64");
    let twice = report_json(
        &directory,
        &[&["--plan=new.plan.json", "--plan=new.plan.json"]],
    );
    assert_eq!(twice["images"][0]["name"], "//:new #1");
    assert_eq!(twice["images"][1]["name"], "//:new #2");
}

#[test]
fn changes_are_told_by_unit_and_file() {
    let directory = directory();
    let facts = report_json(&directory, &[&NEW, &OLD]);
    assert_eq!(facts["against"], "//:old");
    let changes = &facts["images"][0]["changes"];
    assert_eq!(changes["new_layers"], 1);
    assert_eq!(changes["new_layers_size"], directory.read("libs").len());
    let sizes = |name: &str| directory.read(name).len();
    assert_eq!(
        changes["units"],
        json!([
            {
                "what": "changed", "unit": "numpy", "old_layer": "libs", "layer": "libs",
                "sizes": [sizes("numpy_old.part"), sizes("numpy.part")],
                "uncompressed_sizes": [1024 + 512 + 1536 + 512, 5632 + 1024 + 512 + 1536],
                "files": [
                    {"what": "changed", "path": "lib/numpy/a\\040<b>.so", "uncompressed_sizes": [1024, 5632]},
                    {"what": "removed", "path": "lib/numpy/gone", "uncompressed_sizes": [512, 0]},
                    {"what": "added", "path": "lib/numpy/small", "uncompressed_sizes": [0, 1024]},
                ],
            },
            {
                "what": "moved", "unit": "odd", "old_layer": "odd", "layer": "libs",
                "sizes": [sizes("odd.part"), sizes("odd.part")],
                "uncompressed_sizes": [2048, 2048],
            },
        ])
    );
    // The other way round, without lists; against itself there is nothing to tell.
    let back = report_json(
        &directory,
        &[&["--plan=old.plan.json", "--against=new.plan.json"]],
    );
    let whats: Vec<_> = back["images"][0]["changes"]["units"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|unit| (unit["what"].clone(), unit.get("files").is_some()))
        .collect();
    assert_eq!(whats, [(json!("changed"), false), (json!("moved"), false)]);
    let same = report_json(&directory, &[&NEW, &["--against=new.plan.json"]]);
    assert_eq!(same["images"][0]["changes"]["units"], json!([]));
    assert_eq!(same["images"][0]["changes"]["new_layers_size"], 0);
}

#[test]
fn text_tells_the_same() {
    let directory = directory();
    let text = report(&directory, &[&NEW, &OLD]);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = text.lines().map(words).collect();
    let grown = directory.read("numpy.part").len() - directory.read("numpy_old.part").len();
    for line in [
        "5.5 KiB 5.5 KiB app data/large",
        "5.5 KiB 2 app, libs lib/numpy/a\\040<b>.so",
        "3.0 KiB 3 app, libs lib/numpy/z/twice",
        "added lib/numpy/small +1.0 KiB",
        "removed lib/numpy/gone -512 B",
        "moved odd to libs odd +0 B +0 B",
        &format!("changed libs numpy +5.0 KiB +{grown} B"),
    ] {
        assert!(lines.iter().any(|found| found == line), "{line}:\n{text}");
    }
    assert!(text.contains("compressed is an estimate"), "{text}");
    assert!(text.contains("takes 8.5 KiB more than once"), "{text}");
    let several = report(
        &directory,
        &[&["--plan=new.plan.json", "--plan=old.plan.json"]],
    );
    assert!(several.contains("why; also in //:old"), "{several}");
    assert!(several.starts_with("//:new\n\nlayer "), "{several}");
    assert!(several.contains("\n\n//:old\n\nlayer "), "{several}");
    let app = several.lines().find(|line| line.starts_with("app "));
    let (_, app) = app.expect("a layer").split_once(" KiB  ").expect("a size");
    let digest = &sha256(&directory.read("layer"))["sha256:".len()..][..12];
    assert!(
        app.ends_with(&format!("  {digest}  also in //:old")),
        "{app}"
    );
}

/// Of what has changed ten files are told, and how many more there are.
#[test]
fn files_that_are_many_or_one() {
    let unit = r#"{"name": "u", "kind": "own", "group": "l", "reason": "r", "sidecar": "json"}"#;
    for (count, more) in [
        (10, vec![]),
        (11, vec!["and 1 more"]),
        (13, vec!["and 3 more"]),
    ] {
        let directory = Directory::new(&[("large", &bytes(1, 5000)), ("small", b"small")]);
        for (name, content) in [("old", "size=0"), ("new", "contents=small")] {
            let files = (1..count).map(|number| format!("./{number} {content}\n"));
            let once = format!("./once {}\n", content.replace("small", "large"));
            let manifest = files.collect::<String>() + &once;
            directory.layer(&manifest, &["--name=l"]).text();
            let list = format!("--output={name}.files");
            directory.tool(&["files", "layer", &list]).text();
            plan(&directory, name, &["json"], &[unit.to_owned()]);
        }
        let arguments: [&[&str]; 2] = [
            &["--plan=new.plan.json", "--files=new.files"],
            &["--against=old.plan.json", "--files=old.files"],
        ];
        let text = report(&directory, &arguments);
        let told = |begin: &str| -> Vec<_> {
            let lines = text.lines().map(str::trim);
            lines.filter(|line| line.starts_with(begin)).collect()
        };
        assert_eq!(told("changed ").len(), 1 + 10, "{text}");
        assert_eq!(told("and "), more, "{text}");
        // What is there once, takes nothing twice.
        let facts = report_json(&directory, &arguments);
        assert_eq!(facts["images"][0]["duplicates"], json!([]));
    }
}

/// The data in a page.
fn data(page: &str) -> Value {
    let (_, data) = page.split_once("id=\"data\">").expect("data");
    let (data, _) = data.split_once("</script>").expect("an end");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn the_page_needs_nothing_else() {
    let directory = directory();
    let page = report(&directory, &[&NEW, &OLD, &["--format=html"]]);
    assert!(page.contains("default-src 'none'"), "no network");
    assert!(!page.contains("://"), "no address");
    assert!(!page.contains("{{"), "nothing is left to fill in");
    assert!(
        !page.contains(directory.path("").to_str().expect("text")),
        "no path of the machine"
    );
    assert!(page.contains("estimate"), "it says what is no exact size");
    assert_eq!(page, report(&directory, &[&NEW, &OLD, &["--format=html"]]));

    let data = data(&page);
    assert_eq!(
        data["units"][0]["tree"],
        json!([
            "",
            [
                "lib",
                [
                    "numpy",
                    "a <b>.so",
                    5632,
                    "small",
                    1024,
                    ["z", "link", 512, "twice", 1536]
                ]
            ]
        ])
    );
    assert_eq!(
        data["images"][0]["duplicates"],
        json!([
            [5632, [[0, 0, 0], [1, 0, 1]]],
            [3072, [[0, 0, 3], [0, 1, 0], [1, 0, 0]]]
        ])
    );
    let units = |layer: usize| &data["images"][0]["layers"][layer]["units"];
    assert_eq!([&units(0)[0]["unit"], &units(0)[1]["unit"]], [0, 1]);
    assert_eq!(units(1)[0]["unit"], 2);
    let size = |name: &str| directory.read(name).len();
    assert_eq!(
        data["images"][0]["changes"],
        json!({"size": size("libs"), "layers": 1, "units": [
            {
                "what": "changed", "unit": "numpy", "layers": ["libs", "libs"],
                "sizes": [
                    [size("numpy_old.part"), size("numpy.part")],
                    [1024 + 512 + 1536 + 512, 5632 + 1024 + 512 + 1536],
                ],
                "files": [
                    ["changed", "lib/numpy/a <b>.so", [1024, 5632]],
                    ["removed", "lib/numpy/gone", [512, 0]],
                    ["added", "lib/numpy/small", [0, 1024]],
                ],
            },
            {
                "what": "moved", "unit": "odd", "layers": ["odd", "libs"],
                "sizes": [[size("odd.part"), size("odd.part")], [2048, 2048]], "files": null,
            },
        ]})
    );
    // A label may have what HTML has another meaning for.
    let unit = r#"{"name": "u", "kind": "own", "group": "app", "reason": "", "sidecar": "json"}"#;
    plan(&directory, "a&b<c", &["json"], &[unit.to_owned()]);
    let named = report(&directory, &[&["--plan=a&b<c.plan.json", "--format=html"]]);
    assert!(
        named.contains("<title>//:a&amp;b&lt;c: what is in the image</title>"),
        "{named}"
    );
    // A unit of two images is there once.
    let both = report(
        &directory,
        &[&NEW, &["--plan=old.plan.json", "--format=html"], &OLD[1..]],
    );
    assert_eq!(self::data(&both)["units"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_page_to_open_is_a_file() {
    let directory = directory();
    let told = report(
        &directory,
        &[&NEW, &["--format=html", "--open", "--output=page.html"]],
    );
    assert_eq!(told, "page.html\n");
    let page = report(&directory, &[&NEW, &["--format=html"]]);
    assert_eq!(directory.read("page.html"), page.as_bytes());

    let told = report(&directory, &[&NEW, &["--format=html", "--open"]]);
    let path = told.trim_end();
    assert_eq!(std::fs::read(path).expect("a page"), page.as_bytes());
    std::fs::remove_file(path).expect("a file");
}

#[test]
fn what_makes_no_report_is_refused() {
    let directory = directory();
    directory.write("none", b"{}");
    directory.write("cut", &directory.read("libs")[..200]);
    let mut list: Value = serde_json::from_slice(&directory.read("libs.files")).expect("JSON");
    list["layers"][0]["files"][0]["offset"] = json!(0);
    directory.write("moved", list.to_string().as_bytes());
    let before = directory.names();
    for (arguments, problem) in [
        (
            &["report", "--plan=new.plan.json", "--against=none"][..],
            "layer_tool: none: not the plan of an image (missing field `layers`",
        ),
        (
            &["report", "--plan=new.plan.json", "--against=libs"],
            "libs: not the plan of an image (expected value",
        ),
        (
            &["report", "--plan=new.plan.json", "--against=away"],
            "cannot read away: No such file",
        ),
        (
            &["report", "--plan=new.plan.json", "--files=none"],
            "none: not the list of the files of a layer (missing field `layers`",
        ),
        (
            &["report", "--plan=new.plan.json", "--files=moved"],
            "moved: does not list the units of the plan's layer of that digest",
        ),
        (
            &["report", "--plan=new.plan.json", "--files=libs_old.files"],
            "libs_old.files: lists a layer that is in no plan; give the lists of the layers in the plans",
        ),
    ] {
        for more in [&["--format=html", "--output=out"][..], &["--output=out"]] {
            let answer = directory.tool(&[arguments, more].concat());
            answer.expect_refusal(&[1], problem);
            assert_eq!(directory.names(), before);
        }
    }
    for (layer, problem) in [
        (
            "cut",
            "cannot list cut: its gzip data ends too early; fetch or write it again",
        ),
        (
            "small",
            "cannot list small: not a tar: shorter than a header",
        ),
    ] {
        let answer = directory.tool(&["files", layer, "--output=out"]);
        answer.expect_refusal(&[1], problem);
        assert_eq!(directory.names(), before);
    }
    for (arguments, problem) in [
        (
            &["report", "--metadata=json", "--format=html"][..],
            "layer_tool: --metadata cannot be shown as a page; give --plan\n",
        ),
        (
            &["report", "--metadata=json", "--output=out"],
            "error: the argument '--metadata <FILE>' cannot be used with '--output <FILE>'\n",
        ),
        (
            &["report", "--metadata=json", "--against=old.plan.json"],
            "error: the argument '--metadata <FILE>' cannot be used with '--against <PLAN>'\n",
        ),
        (
            &["report"],
            "error: the following required arguments were not provided:\n  --metadata <FILE>\n",
        ),
    ] {
        let answer = directory.tool(arguments);
        assert_eq!(answer.code, Some(2), "{arguments:?}");
        assert!(answer.stderr.starts_with(problem), "{}", answer.stderr);
        assert_eq!(directory.names(), before);
    }
}

/// Sums of what plans and lists say overflowed.
#[test]
fn sums_beyond_any_number_are_the_largest() {
    let directory = directory();
    let mut plan: Value = serde_json::from_slice(&directory.read("new.plan.json")).expect("JSON");
    let mut list: Value = serde_json::from_slice(&directory.read("libs.files")).expect("JSON");
    for layer in plan["layers"].as_array_mut().expect("layers") {
        layer["size"] = json!(u64::MAX);
    }
    plan["layers"][1]["digest"] = json!(format!("sha256:{}", "0".repeat(64)));
    let files = list["layers"][0]["files"].as_array_mut().expect("files");
    for (number, file) in files.iter_mut().enumerate() {
        file["size"] = json!(u64::MAX);
        file["digest"] = json!(format!("sha256:{}", number % 2));
    }
    directory.write("plan.json", plan.to_string().as_bytes());
    directory.write("libs.files", list.to_string().as_bytes());
    let arguments: [&[&str]; 2] = [&["--plan=plan.json", NEW[1], NEW[2]], &OLD];
    let image = &report_json(&directory, &arguments)["images"][0];
    let most = json!(u64::MAX);
    assert_eq!(image["size"], most);
    assert_eq!(image["duplicates"][0]["wasted"], most);
    assert_eq!(image["changes"]["new_layers_size"], most);
    report(&directory, &arguments);

    // Units that end beyond any number, in a layer that does, too.
    let layer = &mut plan["layers"][0];
    layer["uncompressed_size"] = json!(u64::MAX);
    for unit in layer["units"].as_array_mut().expect("units") {
        unit["uncompressed_size"] = json!(u64::MAX);
    }
    directory.write("plan.json", plan.to_string().as_bytes());
    let answer = directory.tool(&[&["report"], arguments[0]].concat());
    answer.expect_refusal(
        &[1],
        "libs.files: does not list the units of the plan's layer",
    );
}

/// Each unit was looked for among all units of the other plan.
#[test]
fn plans_of_many_units_are_compared_at_once() {
    const UNITS: usize = 40_000;
    let plan = |version: &str| {
        // Others for each unit and version.
        let digest = |number: usize| format!("sha256:{:063x}{}", number, version.len() - 3);
        let units: Vec<_> = (0..UNITS)
            .map(|number| {
                json!({
                    "name": format!("unit {}", if version == "old" { number } else { UNITS - 1 - number }),
                    "kind": "own", "group": "g", "reason": "r", "digest": digest(number),
                    "size": 1, "uncompressed_size": 1, "files": 1, "machines": {},
                })
            })
            .collect();
        json!({"name": version, "layers": [{
            "name": "l", "digest": digest(UNITS), "size": 1, "uncompressed_size": 1, "files": 1,
            "machines": {}, "units": units,
        }]})
        .to_string()
    };
    let [old, new] = ["old", "newer"].map(plan);
    let directory = Directory::new(&[("old", old.as_bytes()), ("new", new.as_bytes())]);
    // Seconds of the processor, whatever else the machine does.
    let script =
        "ulimit -t 20; exec \"$0\" report --plan=new --against=old --format=json --output=out";
    let tool = tool();
    directory
        .run("bash", &["-c", script, tool.to_str().expect("text")])
        .text();
    let report: Value = serde_json::from_slice(&directory.read("out")).expect("JSON");
    let changes = report["images"][0]["changes"]["units"].as_array();
    let changes = changes.expect("changes");
    assert_eq!(changes.len(), UNITS);
    assert!(changes.iter().all(|change| change["what"] == "changed"));
}
