//! The plan of an image: what it says, how it is shown, and what is warned of.

use crate::directory::{Answer, Directory};
use crate::layer::sha256;
use serde_json::{json, Value};

/// The first bytes of a shared object of a machine (`e_machine`), and some more.
fn shared_object(machine: u8) -> Vec<u8> {
    let mut bytes = vec![0; 200];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes[16] = 3;
    bytes[18] = machine;
    bytes
}

const X86_64: u8 = 62;
const AARCH64: u8 = 183;

fn directory() -> Directory {
    Directory::new(&[
        ("text", b"import numpy\n"),
        ("x.so", &shared_object(X86_64)),
        ("arm.so", &shared_object(AARCH64)),
    ])
}

fn json_of(directory: &Directory, name: &str) -> Value {
    serde_json::from_slice(&directory.read(name)).expect("JSON")
}

fn unit(name: &str, kind: &str, group: &str, reason: &str, sidecar: &str) -> String {
    json!({"name": name, "kind": kind, "group": group, "reason": reason, "sidecar": sidecar})
        .to_string()
}

/// Writes `plan` of two layers, `libs` of two fragments and `app` of one unit.
fn write_plan(directory: &Directory) {
    for (name, manifest) in [
        (
            "numpy",
            "./lib/numpy/a\\040b.so contents=x.so\n./lib/numpy/b.so contents=x.so\n",
        ),
        (
            "odd",
            "./lib/odd/x contents=arm.so\n./lib/odd/y size=0\n./lib/odd/z.pyi contents=text\n",
        ),
    ] {
        directory.write("m", manifest.as_bytes());
        let output = format!("--output={name}.part");
        let sidecar = format!("--metadata={name}.json");
        directory
            .tool(&[
                "layer",
                "--fragment",
                "--manifest=m",
                "--exclude=**/*.pyi",
                &output,
                &sidecar,
            ])
            .text();
    }
    directory
        .tool(&[
            "concat",
            "--fragment=odd.part",
            "--sidecar=odd.json",
            "--fragment=numpy.part",
            "--sidecar=numpy.json",
            "--name=libs",
            "--output=libs.tar.gz",
            "--metadata=libs.json",
        ])
        .text();
    directory.write("m", b"./app contents=text\n");
    directory
        .tool(&[
            "layer",
            "--manifest=m",
            "--name=app",
            "--output=app.tar",
            "--metadata=app.json",
            "--compress=none",
        ])
        .text();
    directory
        .tool(&[
            "plan",
            "--layer=libs.json",
            "--layer=app.json",
            "--unit",
            &unit("//:app", "own", "app", "in no group", "app.json"),
            "--unit",
            &unit("odd", "distribution", "libs", "small", "odd.json"),
            "--unit",
            &unit("numpy", "distribution", "libs", "\"large\"", "numpy.json"),
            "--output=plan",
        ])
        .text();
}

#[test]
fn the_plan_is_what_layers_and_sidecars_say() {
    let directory = directory();
    write_plan(&directory);
    let (libs, app) = (
        json_of(&directory, "libs.json"),
        json_of(&directory, "app.json"),
    );
    let size = |name: &str| directory.read(name).len();
    assert_eq!(
        json_of(&directory, "plan"),
        json!({"name": "", "layers": [
            {
                "name": "libs",
                "digest": libs["digest"],
                "size": size("libs.tar.gz"),
                "uncompressed_size": libs["uncompressed_size"],
                "files": 4,
                "machines": {"aarch64": "lib/odd/x", "x86_64": "lib/numpy/a\\040b.so"},
                "units": [
                    {
                        "name": "odd",
                        "kind": "distribution",
                        "group": "libs",
                        "reason": "small",
                        "digest": sha256(&directory.read("odd.part")),
                        "size": size("odd.part"),
                        "uncompressed_size": 512 + 512 + 512,
                        "files": 2,
                        "machines": {"aarch64": "lib/odd/x"},
                        "excluded": {"files": 1, "bytes": 13},
                    },
                    {
                        "name": "numpy",
                        "kind": "distribution",
                        "group": "libs",
                        "reason": "\"large\"",
                        "digest": sha256(&directory.read("numpy.part")),
                        "size": size("numpy.part"),
                        "uncompressed_size": 2 * (512 + 512),
                        "files": 2,
                        "machines": {"x86_64": "lib/numpy/a\\040b.so"},
                    },
                ],
            },
            {
                "name": "app",
                "digest": sha256(&directory.read("app.tar")),
                "size": 2048,
                "uncompressed_size": 2048,
                "files": 1,
                "machines": {},
                "units": [
                    {
                        "name": "//:app",
                        "kind": "own",
                        "group": "app",
                        "reason": "in no group",
                        "digest": app["digest"],
                        "size": 2048,
                        "uncompressed_size": 2048,
                        "files": 1,
                        "machines": {},
                    },
                ],
            },
        ]})
    );
    let first = directory.read("plan");
    write_plan(&directory);
    assert!(first == directory.read("plan"), "the same plan again");
}

#[test]
fn plans_have_digests() {
    let mut plan = json!({"layers": [layer("app", &[("//:app", "own", 1)], 1)]});
    for pointer in ["/layers/0/digest", "/layers/0/units/0/digest"] {
        *plan.pointer_mut(pointer).expect("a digest") = json!("sha256:zz");
        let directory = Directory::new(&[("plan", plan.to_string().as_bytes())]);
        directory.tool(&["report", "--plan=plan"]).expect_refusal(
            &[1],
            "plan: not the plan of an image (\"sha256:zz\" is not a SHA-256 digest at line ",
        );
        *plan.pointer_mut(pointer).expect("a digest") = json!(sha256(b"app"));
    }
}

#[test]
fn the_table_has_units_below_their_layers() {
    let directory = Directory::new(&[(
        "plan",
        json!({"layers": [
            {
                "name": "libs", "digest": format!("sha256:{}", "0123456789abcdef".repeat(4)), "size": 5 << 20,
                "uncompressed_size": 20 << 20, "files": 12, "machines": {},
                "units": [{
                    "name": "numpy", "kind": "distribution", "group": "libs", "reason": "a key",
                    "digest": format!("sha256:{}", "fedcba9876543210".repeat(4)), "size": 1024, "uncompressed_size": 2048,
                    "files": 12, "machines": {}, "excluded": {"files": 3, "bytes": 4096},
                }],
            },
            {
                "name": "app", "digest": format!("sha256:{}", "a".repeat(64)), "size": 100,
                "uncompressed_size": 1000, "files": 1, "machines": {}, "units": [],
            },
        ]})
        .to_string()
        .as_bytes(),
    )]);
    assert_eq!(
        directory.tool(&["report", "--plan=plan"]).text(),
        "\
layer    files  uncompressed  compressed  digest        reason
libs        12      20.0 MiB     5.0 MiB  0123456789ab
  numpy     12       2.0 KiB     1.0 KiB  fedcba987654  a key, without 3 files of 4.0 KiB
app          1        1000 B       100 B  aaaaaaaaaaaa
total       13      20.0 MiB     5.0 MiB
"
    );
}

/// A plan of `count` layers of one unit each.
fn layers(count: usize) -> Vec<u8> {
    let layers: Vec<_> = (0..count)
        .map(|number| layer(&format!("layer{number}"), &[("x", "own", 1)], 1))
        .collect();
    json!({ "layers": layers }).to_string().into_bytes()
}

/// A layer of units by name, kind and size.
fn layer(name: &str, units: &[(&str, &str, u64)], size: u64) -> Value {
    let units: Vec<_> = units
        .iter()
        .map(|(unit, kind, size)| {
            json!({
                "name": unit, "kind": kind, "group": name, "reason": "", "digest": sha256(unit.as_bytes()),
                "size": size, "uncompressed_size": size, "files": 1, "machines": {},
            })
        })
        .collect();
    json!({
        "name": name, "digest": sha256(name.as_bytes()), "size": size, "uncompressed_size": size,
        "files": units.len(), "machines": {}, "units": units,
    })
}

fn validate(directory: &Directory, plan: &[u8], arguments: &[&str]) -> Answer {
    directory.write("plan", plan);
    let all = ["validate", "--plan=plan", "--output=warnings"];
    directory.tool(&[&all[..], arguments].concat())
}

/// What is warned of, on standard error and in the output.
fn warnings(directory: &Directory, plan: &[u8], arguments: &[&str]) -> String {
    let answer = validate(directory, plan, arguments);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert_eq!(answer.stdout, b"");
    assert_eq!(answer.stderr.as_bytes(), directory.read("warnings"));
    answer.stderr
}

#[test]
fn layers_are_counted() {
    let directory = Directory::new(&[]);
    assert_eq!(warnings(&directory, &layers(89), &[]), "");
    assert_eq!(
        warnings(&directory, &layers(90), &[]),
        "layer_tool: warning: plan: the image has 90 layers (warn_layer_count = 90), and image \
         stores take 127 at most, those of the base image included; put more into one group\n"
    );
    // By its label, where the plan has one.
    let mut named: Value = serde_json::from_slice(&layers(90)).expect("JSON");
    named["name"] = json!("//app:image");
    let answer = warnings(&directory, named.to_string().as_bytes(), &[]);
    let start = "layer_tool: warning: //app:image: the image has 90 layers (";
    assert!(answer.starts_with(start), "{answer}");
    assert_eq!(
        warnings(&directory, &layers(3), &["--warn-layer-count=4"]),
        ""
    );
    assert!(warnings(&directory, &layers(4), &["--warn-layer-count=4"])
        .contains("warn_layer_count = 4"));
    assert!(warnings(&directory, &layers(127), &[]).contains("has 127 layers"));

    let directory = Directory::new(&[]);
    let answer = validate(&directory, &layers(128), &[]);
    assert_eq!(answer.code, Some(1));
    assert_eq!(
        answer.stderr,
        "layer_tool: plan: the image has 128 layers, and image stores take 127 at most; put more \
         into one group\n"
    );
    assert_eq!(directory.names(), ["plan".to_owned()].into());
}

const MIB: u64 = 1 << 20;

#[test]
fn large_packages_get_groups_that_can_be_pasted() {
    let directory = Directory::new(&[]);
    let plan = |name, units: &[_], size| {
        json!({ "layers": [layer(name, units, size)] })
            .to_string()
            .into_bytes()
    };
    let small = [("numpy", "distribution", 200 * MIB)];
    assert_eq!(
        warnings(&directory, &plan("packages", &small, 200 * MIB), &[]),
        ""
    );
    // Another layer can be of any size: whoever made the group knows.
    assert_eq!(
        warnings(&directory, &plan("numpy", &small, 900 * MIB), &[]),
        ""
    );
    assert_eq!(
        warnings(&directory, &plan("packages", &small, 200 * MIB + 1), &[]),
        "\
layer_tool: warning: plan: layer packages has 200.0 MiB (warn_remote_cache_threshold_mb = 200), \
all of which is uploaded again when one package changes; add these groups to your tier, or make one:

layer_tier(
    name = \"tier\",
    groups = {
        \"@pip//numpy\": \"numpy\",  # 200.0 MiB
    },
)

Or set `layer_budget = N` there: the largest packages then get a layer each, with N layers in all.

"
    );

    // One is too large for any group, two share one, and what is left fits.
    let units = [
        ("certifi", "distribution", MIB),
        ("left over", "own", 3 * MIB),
        ("numpy", "distribution", 5 * MIB),
        ("pandas", "distribution", 4 * MIB),
        ("pip", "interpreter", 5 * MIB),
        ("scipy", "distribution", 5 * MIB),
        ("torch", "distribution", 40 * MIB),
        ("torch", "distribution", 2 * MIB),
    ];
    let arguments = &["--warn-remote-cache-threshold-mb=10", "--hub=pypi"];
    let text = warnings(&directory, &plan("packages", &units, 65 * MIB), arguments);
    assert_eq!(
        text.split_once(":\n\n").expect("a paragraph").1,
        "\
layer_tier(
    name = \"tier\",
    groups = {
        \"@pypi//torch\": \"torch\",  # 42.0 MiB
        \"@pypi//numpy\": \"numpy_scipy\",  # 5.0 MiB
        \"@pypi//scipy\": \"numpy_scipy\",  # 5.0 MiB
        \"@pypi//pandas\": \"pandas\",  # 4.0 MiB
    },
)

Or set `layer_budget = N` there: the largest packages then get a layer each, with N layers in all.

torch alone is larger than that; split it with a glob, such as \"@pypi//torch:**/*.so\".

"
    );

    // In the classic layout no package is a unit.
    assert_eq!(
        warnings(
            &directory,
            &plan("packages", &[("//:app", "own", 300 * MIB)], 300 * MIB),
            &[]
        ),
        "layer_tool: warning: plan: layer packages has 300.0 MiB (warn_remote_cache_threshold_mb = \
         200), all of which is uploaded again when one package changes; leave out root and layer_groups to group packages with a layer_tier\n"
    );
}

#[test]
fn groups_hold_as_much_as_they_may() {
    let units = [
        ("a", "distribution", 5 * MIB),
        ("b", "distribution", 3 * MIB),
        ("c", "distribution", 2 * MIB),
        ("//:app", "own", 10 * MIB),
    ];
    let plan = json!({ "layers": [layer("packages", &units, 20 * MIB)] }).to_string();
    let arguments = &["--warn-remote-cache-threshold-mb=10"];
    let text = warnings(&Directory::new(&[]), plan.as_bytes(), arguments);
    assert!(
        text.contains(
            "\
        \"@pip//a\": \"a_b_and_1_more\",  # 5.0 MiB
        \"@pip//b\": \"a_b_and_1_more\",  # 3.0 MiB
        \"@pip//c\": \"a_b_and_1_more\",  # 2.0 MiB
    },
"
        ),
        "{text}"
    );
}

#[test]
fn expressions_that_take_nothing_are_told() {
    let directory = Directory::new(&[]);
    let plan = |reason: &str, uncompressed_size: u64| {
        let mut layer = layer("libs", &[("libs", "own", 100)], 100);
        layer["uncompressed_size"] = json!(uncompressed_size);
        layer["units"][0]["reason"] = json!(reason);
        json!({ "name": "//:image", "layers": [layer] })
            .to_string()
            .into_bytes()
    };
    let expression = "layer_groups: /lib/[ab]/";
    assert_eq!(
        warnings(&directory, &plan(expression, 1024), &[]),
        "layer_tool: warning: attribute layer_groups of //:image: /lib/[ab]/ for \"libs\" \
         matches no path in the image, or earlier entries take all files that it matches; correct it or leave it out\n"
    );
    assert_eq!(warnings(&directory, &plan(expression, 1536), &[]), "");
    assert_eq!(warnings(&directory, &plan("the default", 1024), &[]), "");
}

#[test]
fn shared_objects_fit_the_machine() {
    let directory = directory();
    write_plan(&directory);
    let plan = directory.read("plan");
    assert_eq!(warnings(&directory, &plan, &[]), "");
    assert_eq!(
        warnings(&directory, &plan, &["--machine=x86_64"]),
        "layer_tool: warning: plan: lib/odd/x of odd is for aarch64, and the image for x86_64; \
         depend on a build of it for that platform\n"
    );
    assert_eq!(
        warnings(&directory, &plan, &["--machine=aarch64"]),
        "layer_tool: warning: plan: lib/numpy/a\\040b.so of numpy is for x86_64, and the image \
         for aarch64; depend on a build of it for that platform\n"
    );
}

#[test]
fn shared_objects_for_another_machine_can_be_refused() {
    let directory = directory();
    write_plan(&directory);
    let plan = directory.read("plan");
    let strict = "--other-machines=error";
    let before = directory.names();
    let answer = validate(&directory, &plan, &[strict, "--machine=s390x"]);
    assert_eq!(answer.code, Some(1));
    assert_eq!(
        answer.stderr,
        "layer_tool: plan: lib/odd/x of odd is for aarch64, and the image for s390x, \
         lib/numpy/a\\040b.so of numpy is for x86_64, and the image for s390x; depend on builds for that \
         platform, leave files out by `exclude` of a layer_tier, or accept them by \
         other_machines = \"warning\"\n"
    );
    assert_eq!(directory.names(), before);
    assert_eq!(warnings(&directory, &plan, &[strict]), "");
}

/// As a wheel may bring both: code of a GPU, and a file that was cut or filled with zeros.
#[test]
fn shared_objects_of_no_machine_are_wrong_and_code_of_a_gpu_is_not() {
    let directory = directory();
    for (name, machine) in [("cubin", 190_u16), ("none", 0), ("bpf", 247)] {
        let start = [&b"\x7fELF\x02\x01\x01"[..], &[0; 9], &[3, 0]].concat();
        directory.write(name, &[&start[..], &machine.to_le_bytes()].concat());
    }
    let plan = |manifest: &str| {
        directory
            .layer(manifest, &["--name=libs", "--compress=none"])
            .text();
        let unit = unit("numpy", "distribution", "libs", "large", "json");
        let arguments = ["plan", "--layer=json", "--unit", &unit, "--output=plan"];
        directory.tool(&arguments).text();
        directory.read("plan")
    };
    let strict = ["--other-machines=error", "--machine=x86_64"];
    let gpu = plan("./x.cubin contents=cubin\n./a.so contents=bpf\n./data contents=none\n");
    assert_eq!(warnings(&directory, &gpu, &strict), "");
    let none = plan("./x.cubin contents=cubin\n./a.so.1 contents=none\n");
    let problem =
        "a.so.1 of numpy is for no machine (e_machine 0), so nothing can load it; depend on";
    for machine in [&[][..], &["--machine=x86_64"]] {
        let expected =
            format!("layer_tool: warning: plan: {problem} a build of it for that platform\n");
        assert_eq!(warnings(&directory, &none, machine), expected);
    }
    let answer = validate(&directory, &none, &strict);
    assert_eq!(answer.code, Some(1));
    assert!(answer.stderr.contains(problem), "{}", answer.stderr);
}

#[test]
fn what_makes_no_plan_is_refused() {
    let directory = directory();
    write_plan(&directory);
    directory.write("cut.json", &directory.read("numpy.json")[..40]);
    directory.write("empty.json", b"{}");
    let good = unit("//:app", "own", "app", "", "app.json");
    let before = directory.names();
    for (layers, units, code, problem) in [
        (
            &["--layer=app.json"][..],
            &[unit("x", "own", "app", "", "cut.json")][..],
            1,
            "layer_tool: cut.json: neither the sidecar of a fragment nor the metadata of a layer (EOF",
        ),
        (
            &["--layer=app.json"],
            &[unit("x", "own", "app", "", "empty.json")],
            1,
            "empty.json: neither the sidecar of a fragment nor the metadata of a layer (missing field `digest`",
        ),
        (
            &["--layer=app.json"],
            &[unit("x", "own", "app", "", "missing.json")],
            1,
            "cannot read missing.json: No such file",
        ),
        (
            &["--layer=numpy.json"],
            std::slice::from_ref(&good),
            1,
            "numpy.json: not the metadata of a layer (missing field `name`",
        ),
        (
            &["--layer=app.json", "--layer=libs.json"],
            &[
                good.clone(),
                unit("odd", "distribution", "libs", "", "odd.json"),
            ],
            1,
            "libs.json: layer libs has 4 files, its units have 2; give a --unit for each",
        ),
        (
            &["--layer=app.json"],
            &[good.clone(), unit("x", "own", "libs", "", "odd.json")],
            2,
            "--unit x is in group libs, and not exactly one --layer has that name",
        ),
        (
            &["--layer=app.json", "--layer=app.json"],
            std::slice::from_ref(&good),
            1,
            "app.json: layer app has 1 files, its units have 0",
        ),
    ] {
        let mut all = vec!["plan", "--output=new"];
        all.extend(layers);
        all.extend(units.iter().flat_map(|unit| ["--unit", unit]));
        let answer = directory.tool(&all);
        answer.expect_refusal(&[code], problem);
        assert_eq!(directory.names(), before);
    }
    for wrong in [
        "numpy",
        "{}",
        &unit("x", "wheel", "app", "", "app.json"),
        &good.replace("reason", "because"),
    ] {
        let answer = directory.tool(&["plan", "--layer=app.json", "--output=new", "--unit", wrong]);
        assert_eq!(answer.code, Some(2), "{wrong}: {}", answer.stderr);
        assert!(answer.stderr.contains("--unit <JSON>"), "{}", answer.stderr);
        assert_eq!(directory.names(), before);
    }
    for command in [
        &["report", "--plan=app.json"][..],
        &["validate", "--plan=app.json", "--output=new"],
    ] {
        let answer = directory.tool(command);
        assert_eq!(answer.code, Some(1));
        assert!(
            answer.stderr.starts_with(
                "layer_tool: app.json: not the plan of an image (missing field `layers`"
            ) && answer
                .stderr
                .contains("give a file that `plan --output` wrote"),
            "{}",
            answer.stderr
        );
        assert_eq!(directory.names(), before);
    }
}
