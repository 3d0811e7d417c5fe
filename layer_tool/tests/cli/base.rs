//! What is in the layers of an image that something else wrote.

use crate::directory::{Answer, Directory};
use crate::image::{image, json, read};
use crate::layer::sha256;
use crate::report;
use serde_json::{json, Value};
use std::fs;

/// A directory with the layout `debian`: three layers as GNU tar and this program write them, the
/// first with holes and at its end a sparse file, the second with a global header.
fn directory() -> Directory {
    let directory = report::directory();
    let script = "
        set -e
        mkdir -p etc lib
        cp large etc/copy
        ln -s copy etc/link
        printf end >sparse
        truncate -s 1M sparse
        printf more >>sparse
        tar --format=gnu --sparse --hole-detection=raw --sort=name -cf one.tar --gzip ./etc sparse
        tar --format=pax --pax-option=comment=x --mtime=@0 --transform=s,^,/, --absolute-names -cf two.tar --zstd small
        cp layer three.tar
        for layer in one two three; do
            \"$0\" describe $layer.tar --metadata $layer.json --name $layer
        done";
    let tool = crate::directory::tool();
    directory
        .run("sh", &["-c", script, tool.to_str().expect("text")])
        .text();
    let layers = ["one", "two", "three"];
    image(&directory, "debian", &layers, &["--platform=linux/arm64"]).text();
    directory
}

fn base(directory: &Directory, layout: &str, arguments: &[&str]) -> Answer {
    let all = ["base", layout, "--plan=base.plan", "--files=base.files"];
    directory.tool(&[&all[..], arguments].concat())
}

#[test]
fn each_layer_is_planned_and_listed() {
    let directory = directory();
    base(&directory, "debian", &["--name=@debian"]).text();
    let layer = |number: usize, file: &str| {
        let metadata = json(&directory.read(&format!("{file}.json")));
        let name = format!("base {number}");
        let content = json!({
            "digest": sha256(&directory.read(&format!("{file}.tar"))),
            "size": directory.read(&format!("{file}.tar")).len(),
            "uncompressed_size": metadata["uncompressed_size"],
            "files": metadata["files"],
            "machines": {},
        });
        let mut unit = content.clone();
        for (field, value) in [
            ("name", "@debian"),
            ("kind", "layer"),
            ("group", &name),
            ("reason", "a layer of the base"),
        ] {
            unit[field] = json!(value);
        }
        let mut layer = content;
        layer["name"] = json!(name);
        layer["units"] = json!([unit]);
        layer
    };
    let plan = json(&directory.read("base.plan"));
    let layers = [layer(1, "one"), layer(2, "two"), layer(3, "three")];
    assert_eq!(plan, json!({"name": "@debian", "layers": layers}));
    assert_eq!(plan["layers"][0]["files"], 2);

    let files = json(&directory.read("base.files"));
    let digest = |number: usize| &plan["layers"][number]["digest"];
    let of = |file: &str| sha256(&directory.read(file));
    // Of the sparse file there are two blocks of data.
    assert_eq!(
        files["layers"][0],
        json!({"digest": digest(0), "files": [
            {"path": "etc/copy", "offset": 512, "size": 512 + 5120, "digest": of("large")},
            {"path": "etc/link", "offset": 6144, "size": 512, "link": "copy"},
            {"path": "sparse", "offset": 6656, "size": 512 + 2 * 512, "digest": of("sparse")},
        ]})
    );
    // A global header is no file; the two blocks of the file's times are its own.
    assert_eq!(
        files["layers"][1]["files"],
        json!([{"path": "small", "offset": 1024, "size": 1024 + 1024, "digest": of("small")}])
    );
    assert_eq!(
        files["layers"][2]["files"],
        json(&directory.read("app.files"))["layers"][0]["files"]
    );

    // The same again, of an index too.
    let [plan, files] = ["base.plan", "base.files"].map(|name| directory.read(name));
    image(&directory, "other", &["two"], &["--platform=linux/amd64"]).text();
    directory
        .tool(&["index", "debian", "other", "--output=both"])
        .text();
    base(
        &directory,
        "both",
        &["--name=@debian", "--platform=linux/arm64/v8"],
    )
    .text();
    assert!(plan == directory.read("base.plan") && files == directory.read("base.files"));
}

#[test]
fn a_whole_image_has_the_layers_of_all() {
    let directory = directory();
    image(&directory, "little", &["two"], &["--platform=linux/arm64"]).text();
    base(&directory, "little", &["--name=@little"]).text();
    let whole = ["plan", "--name=//:image", "--output=whole"];
    let plans = ["--plan=base.plan", "--plan=new.plan.json"];
    directory.tool(&[&whole[..], &plans].concat()).text();
    let plan = json(&directory.read("whole"));
    assert_eq!(plan["name"], "//:image");
    let names = |plan: &Value| -> Vec<_> {
        let layers = plan["layers"].as_array().expect("layers");
        layers.iter().map(|layer| layer["name"].clone()).collect()
    };
    assert_eq!(names(&plan), ["base 1", "libs", "app"]);
    assert_eq!(
        plan["layers"][1],
        json(&directory.read("new.plan.json"))["layers"][0]
    );

    let arguments = [
        "report",
        "--plan=whole",
        "--files=base.files",
        "--files=libs.files",
        "--files=app.files",
        "--format=json",
    ];
    let facts = directory.tool(&arguments).text();
    let facts = json(facts.as_bytes());
    let image = &facts["images"][0];
    let sizes = ["two.tar", "libs", "layer"].map(|file| directory.read(file).len());
    assert_eq!(image["size"], sizes.iter().sum::<usize>());
    assert_eq!(image["layers"][0]["units"][0]["paths"][0]["path"], "small");

    // A budget of the total has the base, and two layers of one name are one budget's.
    let total = format!("--max-total={}", sizes.iter().sum::<usize>());
    let text = directory
        .tool(&["budget", "--plan=whole", "--max=base 1=4000", &total])
        .text();
    assert!(text.contains("ok: layer base 1 has "), "{text}");
    directory
        .tool(&["plan", "--output=twice", "--plan=whole", "--plan=base.plan"])
        .text();
    let text = directory
        .tool(&["budget", "--plan=twice", "--max=base 1=4000"])
        .text();
    assert!(
        text.contains(&format!(" {} bytes of 4000", 2 * sizes[0])),
        "{text}"
    );

    for (arguments, code, problem) in [
        (
            &["--plan=app.files"][..],
            1,
            "app.files: not the plan of an image",
        ),
        (&["--plan=whole", "--layer=json"], 2, "cannot be used with"),
        (&[], 2, "--layer <FILE>"),
    ] {
        let answer = directory.tool(&[&["plan", "--output=none"], arguments].concat());
        assert_eq!(answer.code, Some(code), "{}", answer.stderr);
        assert!(answer.stderr.contains(problem), "{}", answer.stderr);
        assert!(!directory.path("none").exists());
    }
}

#[test]
fn what_is_no_base_is_refused() {
    let directory = directory();
    let [index, manifest, _] = read(&directory, "debian");
    image(&directory, "other", &["two"], &["--platform=linux/amd64"]).text();
    directory
        .tool(&["index", "debian", "other", "--output=both"])
        .text();
    let refuse = |layout: &str, arguments: &[&str], problem: &str| {
        base(&directory, layout, arguments).expect_refusal(&[1], problem);
        for name in directory.names() {
            assert!(
                !name.starts_with('.') && !name.starts_with("base."),
                "{problem}: {name}"
            );
        }
    };
    refuse(
        "lib",
        &[],
        "lib: not an OCI image layout (the file oci-layout is missing); give a directory",
    );
    refuse(
        "both",
        &[],
        "both: holds images for linux/arm64, linux/amd64; choose one by --platform",
    );
    let arguments = &["--platform=linux/s390x"];
    refuse(
        "debian",
        arguments,
        "debian: holds an image for linux/arm64, and none for linux/s390x",
    );

    // The second layer as another one.
    let layer = &manifest["layers"][1];
    let path = |digest: &Value| {
        let digest = digest.as_str().expect("text");
        format!("debian/blobs/sha256/{}", digest.replace("sha256:", ""))
    };
    let blob = path(&layer["digest"]);
    let bytes = directory.read(&blob);
    fs::remove_file(directory.path(&blob)).expect("a blob");
    refuse(
        "debian",
        &[],
        " is missing; give a layout with all blobs of the image",
    );
    directory.write(&blob, b"short");
    refuse("debian", &[], " has 5 bytes instead of ");
    directory.write(&blob, &vec![b'x'; bytes.len()]);
    refuse("debian", &[], &format!("cannot describe {blob}: "));

    // A tar, and not the one that is meant.
    let first = path(&manifest["layers"][2]["digest"]);
    let mut changed = directory.read(&first);
    let at = changed.len() - 1200;
    changed[at] ^= 1;
    directory.write(&blob, &bytes);
    directory.write(&first, &changed);
    refuse(
        "debian",
        &[],
        &format!("{first}: is not what its digest says; fetch or build it again"),
    );
    directory.write(&first, &directory.read("three.tar"));

    // Of a kind that nothing is known of.
    let mut other = manifest.clone();
    other["layers"][1]["mediaType"] =
        json!("application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
    let other = other.to_string().into_bytes();
    let digest = json!(sha256(&other));
    directory.write(&path(&digest), &other);
    let mut index = index;
    index["manifests"][0]["digest"] = digest;
    index["manifests"][0]["size"] = json!(other.len());
    directory.write("debian/index.json", index.to_string().as_bytes());
    refuse(
        "debian",
        &[],
        "debian: layer 2 has the media type \"application/vnd.oci.image.layer.v1.tar+gzip+encrypted\", \
         which is unknown; give an image whose layers are one of application/vnd.oci.image.layer.v1.tar+gzip, ",
    );
}
