//! What is in the layers of an image that something else wrote.

use crate::folder::{Answer, Folder};
use crate::image::{image, json, read};
use crate::layer::sha256;
use crate::report;
use serde_json::{json, Value};
use std::fs;

/// A folder with the layout `debian`: three layers as GNU tar and this program write them, the
/// first with holes and at its end a sparse file, the second with a global header.
fn folder() -> Folder {
    let folder = report::folder();
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
    let tool = crate::folder::tool();
    folder
        .run("sh", &["-c", script, tool.to_str().expect("text")])
        .text();
    let layers = ["one", "two", "three"];
    image(&folder, "debian", &layers, &["--platform=linux/arm64"]).text();
    folder
}

fn base(folder: &Folder, layout: &str, arguments: &[&str]) -> Answer {
    let all = ["base", layout, "--plan=base.plan", "--files=base.files"];
    folder.tool(&[&all[..], arguments].concat())
}

#[test]
fn each_layer_is_planned_and_listed() {
    let folder = folder();
    base(&folder, "debian", &["--name=@debian"]).text();
    let layer = |number: usize, file: &str| {
        let metadata = json(&folder.read(&format!("{file}.json")));
        let name = format!("base {number}");
        let content = json!({
            "digest": sha256(&folder.read(&format!("{file}.tar"))),
            "size": folder.read(&format!("{file}.tar")).len(),
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
    let plan = json(&folder.read("base.plan"));
    let layers = [layer(1, "one"), layer(2, "two"), layer(3, "three")];
    assert_eq!(plan, json!({"name": "@debian", "layers": layers}));
    assert_eq!(plan["layers"][0]["files"], 2);

    let files = json(&folder.read("base.files"));
    let digest = |number: usize| &plan["layers"][number]["digest"];
    let of = |file: &str| sha256(&folder.read(file));
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
        json(&folder.read("app.files"))["layers"][0]["files"]
    );

    // The same again, of an index too.
    let [plan, files] = ["base.plan", "base.files"].map(|name| folder.read(name));
    image(&folder, "other", &["two"], &["--platform=linux/amd64"]).text();
    folder
        .tool(&["index", "debian", "other", "--output=both"])
        .text();
    base(
        &folder,
        "both",
        &["--name=@debian", "--platform=linux/arm64/v8"],
    )
    .text();
    assert!(plan == folder.read("base.plan") && files == folder.read("base.files"));
}

#[test]
fn a_whole_image_has_the_layers_of_all() {
    let folder = folder();
    image(&folder, "little", &["two"], &["--platform=linux/arm64"]).text();
    base(&folder, "little", &["--name=@little"]).text();
    let whole = ["plan", "--name=//:image", "--output=whole"];
    let plans = ["--plan=base.plan", "--plan=new.plan.json"];
    folder.tool(&[&whole[..], &plans].concat()).text();
    let plan = json(&folder.read("whole"));
    assert_eq!(plan["name"], "//:image");
    let names = |plan: &Value| -> Vec<_> {
        let layers = plan["layers"].as_array().expect("layers");
        layers.iter().map(|layer| layer["name"].clone()).collect()
    };
    assert_eq!(names(&plan), ["base 1", "libs", "app"]);
    assert_eq!(
        plan["layers"][1],
        json(&folder.read("new.plan.json"))["layers"][0]
    );

    let arguments = [
        "report",
        "--plan=whole",
        "--files=base.files",
        "--files=libs.files",
        "--files=app.files",
        "--format=json",
    ];
    let facts = folder.tool(&arguments).text();
    let facts = json(facts.as_bytes());
    let image = &facts["images"][0];
    let sizes = ["two.tar", "libs", "layer"].map(|file| folder.read(file).len());
    assert_eq!(image["size"], sizes.iter().sum::<usize>());
    assert_eq!(image["layers"][0]["units"][0]["paths"][0]["path"], "small");

    // A budget of the total has the base, and two layers of one name are one budget's.
    let total = format!("--max-total={}", sizes.iter().sum::<usize>());
    let text = folder
        .tool(&["budget", "--plan=whole", "--max=base 1=4000", &total])
        .text();
    assert!(text.contains("ok: layer base 1 has "), "{text}");
    folder
        .tool(&["plan", "--output=twice", "--plan=whole", "--plan=base.plan"])
        .text();
    let text = folder
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
            "app.files: no plan of an image",
        ),
        (&["--plan=whole", "--layer=json"], 2, "cannot be used with"),
        (&[], 2, "--layer <FILE>"),
    ] {
        let answer = folder.tool(&[&["plan", "--output=none"], arguments].concat());
        assert_eq!(answer.code, Some(code), "{}", answer.stderr);
        assert!(answer.stderr.contains(problem), "{}", answer.stderr);
        assert!(!folder.path("none").exists());
    }
}

#[test]
fn what_is_no_base_is_refused() {
    let folder = folder();
    let [index, manifest, _] = read(&folder, "debian");
    image(&folder, "other", &["two"], &["--platform=linux/amd64"]).text();
    folder
        .tool(&["index", "debian", "other", "--output=both"])
        .text();
    let refuse = |layout: &str, arguments: &[&str], problem: &str| {
        base(&folder, layout, arguments).expect_refusal(&[1], problem);
        for name in folder.names() {
            assert!(
                !name.starts_with('.') && !name.starts_with("base."),
                "{problem}: {name}"
            );
        }
    };
    refuse(
        "lib",
        &[],
        "lib: no OCI image layout (it has no file oci-layout); give a folder",
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
    let bytes = folder.read(&blob);
    fs::remove_file(folder.path(&blob)).expect("a blob");
    refuse(
        "debian",
        &[],
        " is missing; give a layout with all blobs of the image",
    );
    folder.write(&blob, b"short");
    refuse("debian", &[], " has 5 bytes where ");
    folder.write(&blob, &vec![b'x'; bytes.len()]);
    refuse("debian", &[], &format!("cannot describe {blob}: "));

    // A tar, and not the one that is meant.
    let first = path(&manifest["layers"][2]["digest"]);
    let mut changed = folder.read(&first);
    let at = changed.len() - 1200;
    changed[at] ^= 1;
    folder.write(&blob, &bytes);
    folder.write(&first, &changed);
    refuse(
        "debian",
        &[],
        &format!("{first}: is not what its digest says; fetch or build it again"),
    );
    folder.write(&first, &folder.read("three.tar"));

    // Of a kind that nothing is known of.
    let mut other = manifest.clone();
    other["layers"][1]["mediaType"] =
        json!("application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
    let other = other.to_string().into_bytes();
    let digest = json!(sha256(&other));
    folder.write(&path(&digest), &other);
    let mut index = index;
    index["manifests"][0]["digest"] = digest;
    index["manifests"][0]["size"] = json!(other.len());
    folder.write("debian/index.json", index.to_string().as_bytes());
    refuse(
        "debian",
        &[],
        "debian: layer 2 has the media type \"application/vnd.oci.image.layer.v1.tar+gzip+encrypted\", \
         of which nothing is known; give an image whose layers are one of application/vnd.oci.image.layer.v1.tar+gzip, ",
    );
}
