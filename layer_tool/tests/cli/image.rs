//! Whole images.

use crate::folder::{Answer, Folder};
use crate::layer::sha256;
use serde_json::{json, Value};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

/// A folder with a layer of each name, `NAME.tar` and its metadata `NAME.json`.
fn folder(names: &[&str], compress: &str) -> Folder {
    let folder = Folder::new(&[]);
    for name in names {
        folder
            .layer(
                &format!("./{name} size=0\n"),
                &["--compress", compress, "--name", name],
            )
            .text();
        fs::rename(folder.path("layer"), folder.path(format!("{name}.tar"))).expect("a layer");
        fs::rename(folder.path("json"), folder.path(format!("{name}.json"))).expect("metadata");
    }
    folder
}

pub fn image(folder: &Folder, output: &str, names: &[&str], arguments: &[&str]) -> Answer {
    let mut all = vec!["image".to_owned(), format!("--output={output}")];
    for name in names {
        all.extend([
            format!("--metadata={name}.json"),
            format!("--layer={name}.tar"),
        ]);
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    folder.tool(&[&all[..], arguments].concat())
}

const AMD64: &str = "--platform=linux/amd64";

/// The file's name of a blob.
fn hex(bytes: &[u8]) -> String {
    sha256(bytes).replace("sha256:", "")
}

pub fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

fn blob(folder: &Folder, layout: &str, digest: &Value) -> Vec<u8> {
    let name = digest
        .as_str()
        .and_then(|digest| digest.strip_prefix("sha256:"));
    let bytes = folder.read(&format!(
        "{layout}/blobs/sha256/{}",
        name.expect("a digest")
    ));
    assert_eq!(sha256(&bytes), digest.as_str().expect("text"));
    bytes
}

/// `index.json`, the manifest and the configuration of a layout of one image.
pub fn read(folder: &Folder, layout: &str) -> [Value; 3] {
    assert_eq!(
        json(&folder.read(&format!("{layout}/oci-layout"))),
        json!({"imageLayoutVersion": "1.0.0"})
    );
    let index = json(&folder.read(&format!("{layout}/index.json")));
    let manifest = json(&blob(folder, layout, &index["manifests"][0]["digest"]));
    let config = json(&blob(folder, layout, &manifest["config"]["digest"]));
    [index, manifest, config]
}

#[test]
fn every_byte_of_an_image() {
    for (compress, suffix) in [("gzip", "+gzip"), ("zstd", "+zstd"), ("none", "")] {
        let folder = folder(&["one", "two"], compress);
        let arguments = [
            AMD64,
            "--digest=digest",
            "--entrypoint=/one",
            "--entrypoint=-x",
            "--cmd=--flag",
            "--cmd=two\nlines",
            "--env=A=b=c",
            "--env=EMPTY=",
            "--workdir=/d",
            "--user=1000:adm",
            "--label=l=v=w",
            "--annotation=n=v",
            "--exposed-port=80/tcp",
            "--exposed-port=53",
            "--volume=/var/data",
            "--tag=v1",
            "--repo-tag=localhost:5000/a/b:v1",
        ];
        image(&folder, "image", &["one", "two"], &arguments).text();
        let metadata = ["one", "two"].map(|name| json(&folder.read(&format!("{name}.json"))));
        let layer = |n: usize| {
            json!({"mediaType": format!("application/vnd.oci.image.layer.v1.tar{suffix}"),
                   "digest": metadata[n]["digest"], "size": metadata[n]["size"]})
        };
        let [index, manifest, config] = read(&folder, "image");
        assert_eq!(
            config,
            json!({
                "architecture": "amd64",
                "config": {
                    "Cmd": ["--flag", "two\nlines"],
                    "Entrypoint": ["/one", "-x"],
                    "Env": ["A=b=c", "EMPTY="],
                    "ExposedPorts": {"53": {}, "80/tcp": {}},
                    "Labels": {"l": "v=w"},
                    "User": "1000:adm",
                    "Volumes": {"/var/data": {}},
                    "WorkingDir": "/d",
                },
                "created": "1970-01-01T00:00:00Z",
                "history": [
                    {"created": "1970-01-01T00:00:00Z", "created_by": "layer_tool: one"},
                    {"created": "1970-01-01T00:00:00Z", "created_by": "layer_tool: two"},
                ],
                "os": "linux",
                "rootfs": {"type": "layers", "diff_ids": [metadata[0]["diff_id"], metadata[1]["diff_id"]]},
            })
        );
        let bytes = blob(&folder, "image", &manifest["config"]["digest"]);
        assert_eq!(
            manifest,
            json!({
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": sha256(&bytes),
                    "size": bytes.len(),
                },
                "layers": [layer(0), layer(1)],
                "annotations": {"n": "v"},
            })
        );
        let bytes = blob(&folder, "image", &index["manifests"][0]["digest"]);
        let digest = sha256(&bytes);
        assert_eq!(
            index,
            json!({
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": [{
                    "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "digest": digest,
                    "size": bytes.len(),
                    "platform": {"architecture": "amd64", "os": "linux"},
                    "annotations": {
                        "io.containerd.image.name": "localhost:5000/a/b:v1",
                        "org.opencontainers.image.ref.name": "v1",
                    },
                }],
            })
        );
        assert_eq!(folder.read("digest"), format!("{digest}\n").as_bytes());
        assert_eq!(
            folder.tool(&["digest", "image"]).text(),
            format!("{digest}\n")
        );
        for name in ["one", "two"] {
            let metadata = json(&folder.read(&format!("{name}.json")));
            let copied = blob(&folder, "image", &metadata["digest"]);
            assert!(copied == folder.read(&format!("{name}.tar")));
        }
        // Four blobs, and nothing else.
        assert_eq!(
            fs::read_dir(folder.path("image/blobs/sha256"))
                .expect("blobs")
                .count(),
            4
        );

        // The same again, and sparse.
        image(&folder, "again", &["one", "two"], &arguments).text();
        assert_eq!(
            read(&folder, "again"),
            [index.clone(), manifest.clone(), config.clone()]
        );
        let sparse = [
            "image",
            "--output=sparse",
            "--sparse",
            "--metadata=one.json",
            "--metadata=two.json",
        ];
        folder.tool(&[&sparse[..], &arguments].concat()).text();
        assert_eq!(read(&folder, "sparse"), [index, manifest, config]);
        assert_eq!(
            fs::read_dir(folder.path("sparse/blobs/sha256"))
                .expect("blobs")
                .count(),
            2
        );
    }
}

/// A base whose every field is set.
fn base(folder: &Folder) {
    image(
        folder,
        "base",
        &["one"],
        &[
            "--platform=linux/arm64/v8",
            "--entrypoint=/init",
            "--cmd=serve",
            "--env=PATH=/bin",
            "--env=KEEP=1",
            "--workdir=/base",
            "--user=base",
            "--label=a=1",
            "--label=b=1",
            "--exposed-port=1",
            "--volume=/1",
            "--annotation=of=base",
        ],
    )
    .text();
}

#[test]
fn what_a_base_gives() {
    let folder = folder(&["one", "two"], "gzip");
    base(&folder);
    let [index, below, old] = read(&folder, "base");
    image(&folder, "same", &["two"], &["--base=base"]).text();
    let [_, manifest, config] = read(&folder, "same");
    assert_eq!(config["config"], old["config"]);
    assert_eq!(config["variant"], "v8");
    assert_eq!(config["history"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        config["rootfs"]["diff_ids"][0],
        old["rootfs"]["diff_ids"][0]
    );
    assert_eq!(manifest["layers"][0], below["layers"][0]);
    assert_eq!(
        manifest["annotations"],
        json!({"org.opencontainers.image.base.digest": index["manifests"][0]["digest"]})
    );

    let changes = [
        "--base=base",
        "--platform=linux/arm64",
        "--entrypoint=/two",
        "--env=PATH=/two",
        "--env=NEW=1",
        "--workdir=/two",
        "--user=two",
        "--label=b=2",
        "--exposed-port=2",
        "--volume=/2",
    ];
    image(&folder, "other", &["two"], &changes).text();
    assert_eq!(
        read(&folder, "other")[2]["config"],
        json!({
            // The words of the base were those of its entrypoint.
            "Entrypoint": ["/two"],
            "Env": ["PATH=/two", "KEEP=1", "NEW=1"],
            "ExposedPorts": {"1": {}, "2": {}},
            "Labels": {"a": "1", "b": "2"},
            "User": "two",
            "Volumes": {"/1": {}, "/2": {}},
            "WorkingDir": "/two",
        })
    );
    image(&folder, "cmd", &["two"], &["--base=base", "--cmd=two"]).text();
    let config = &read(&folder, "cmd")[2]["config"];
    assert_eq!(
        (&config["Entrypoint"], &config["Cmd"]),
        (&json!(["/init"]), &json!(["two"]))
    );
}

/// Media types and a configuration as Docker writes them; no history.
#[test]
fn a_base_of_docker() {
    let folder = folder(&["one", "two"], "gzip");
    base(&folder);
    let [mut index, mut manifest, mut config] = read(&folder, "base");
    let add = |value: &Value| {
        let bytes = value.to_string().into_bytes();
        folder.write(&format!("base/blobs/sha256/{}", hex(&bytes)), &bytes);
        (json!(sha256(&bytes)), json!(bytes.len()))
    };
    config.as_object_mut().expect("an object").remove("history");
    config["docker_version"] = json!("20");
    config["config"]["Healthcheck"] = json!({"Test": ["NONE"]});
    manifest["config"]["mediaType"] = json!("application/vnd.docker.container.image.v1+json");
    (manifest["config"]["digest"], manifest["config"]["size"]) = add(&config);
    manifest["mediaType"] = json!("application/vnd.docker.distribution.manifest.v2+json");
    manifest["layers"][0]["mediaType"] = json!("application/vnd.docker.image.rootfs.diff.tar.gzip");
    let image_entry = &mut index["manifests"][0];
    image_entry["mediaType"] = manifest["mediaType"].clone();
    (image_entry["digest"], image_entry["size"]) = add(&manifest);
    // An attestation, whose blob is elsewhere, as BuildKit lists it.
    let mut attestation = image_entry.clone();
    attestation["digest"] = json!(format!("sha256:{}", "0".repeat(64)));
    attestation["platform"] = json!({"architecture": "unknown", "os": "unknown"});
    let list = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
        "manifests": [attestation, index["manifests"][0]],
    });
    let (digest, size) = add(&list);
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": list["mediaType"], "digest": digest, "size": size}]});
    folder.write("base/index.json", index.to_string().as_bytes());

    image(
        &folder,
        "image",
        &["two"],
        &["--base=base", "--platform=linux/arm64"],
    )
    .text();
    let [_, manifest, config] = read(&folder, "image");
    assert_eq!(config["docker_version"], "20");
    assert_eq!(config["config"]["Healthcheck"], json!({"Test": ["NONE"]}));
    assert_eq!(
        config["history"][0],
        json!({"comment": "of the base, which has no history for it"})
    );
    assert_eq!(config["history"][1]["created_by"], "layer_tool: two");
    assert_eq!(
        manifest["layers"][0]["mediaType"],
        "application/vnd.oci.image.layer.v1.tar+gzip"
    );
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.oci.image.config.v1+json"
    );
}

#[test]
fn pairs_of_files() {
    let folder = folder(&["one"], "gzip");
    folder.write("pairs", b"A=file=1\r\n\nB=\nC=3\nC=4");
    let arguments = [
        AMD64,
        "--annotation-file=pairs",
        "--annotation=A=given",
        "--env-file=pairs",
        "--env=A=given",
        "--env=D=5",
        "--label-file=pairs",
    ];
    image(&folder, "image", &["one"], &arguments).text();
    let [_, manifest, config] = read(&folder, "image");
    assert_eq!(
        manifest["annotations"],
        json!({"A": "given", "B": "", "C": "4"})
    );
    assert_eq!(
        config["config"]["Labels"],
        json!({"A": "file=1", "B": "", "C": "4"})
    );
    assert_eq!(
        config["config"]["Env"],
        json!(["A=file=1", "D=5", "B=", "C=4"])
    );

    folder.write("bad", b"A=1\n=2\n");
    for flag in ["annotation", "env", "label"] {
        let flag = format!("--{flag}-file=bad");
        image(&folder, "other", &["one"], &[AMD64, &flag])
            .expect_refusal(&[1], "bad: line 2, \"=2\", is no pair; write NAME=VALUE");
        assert!(!folder.path("other").exists());
    }
}

#[test]
fn the_interpreter_is_found_by_path() {
    const DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let folder = folder(&["one", "two"], "gzip");
    for (name, path) in [("without", None), ("with", Some("--env=PATH=/bin"))] {
        let arguments: Vec<_> = [AMD64].into_iter().chain(path).collect();
        image(&folder, name, &["one"], &arguments).text();
    }
    for (number, (base, own, env)) in [
        ("without", None, json!([format!("PATH={DEFAULT}:/a/b/bin")])),
        ("with", None, json!(["PATH=/bin:/a/b/bin"])),
        ("with", Some("--env=PATH=/x"), json!(["PATH=/x"])),
        (
            "with",
            Some("--env=A=b"),
            json!(["PATH=/bin:/a/b/bin", "A=b"]),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let output = format!("image {number}");
        let base = format!("--base={base}");
        let arguments: Vec<_> = [&*base, "--python=/a/b/bin/python3"]
            .into_iter()
            .chain(own)
            .collect();
        image(&folder, &output, &["two"], &arguments).text();
        assert_eq!(read(&folder, &output)[2]["config"]["Env"], env, "{number}");
    }
}

#[test]
fn a_python_script_is_started_by_the_interpreter() {
    for (launcher, entrypoint) in [
        ("#!/usr/bin/env python3\n", json!(["/python", "/app"])),
        ("#! /usr/bin/python\nx", json!(["/python", "/app"])),
        ("#!/bin/bash\n# python\n", json!(["/app"])),
        ("\x7fELF python", json!(["/app"])),
        ("", json!(["/app"])),
    ] {
        let folder = folder(&["one"], "gzip");
        folder.write("launcher", launcher.as_bytes());
        let start = [
            AMD64,
            "--launcher=launcher",
            "--python=/python",
            "--entrypoint=/app",
        ];
        image(&folder, "image", &["one"], &start).text();
        assert_eq!(
            read(&folder, "image")[2]["config"]["Entrypoint"],
            entrypoint,
            "{launcher}"
        );

        // Without words of its own the entrypoint is the interpreter or nothing, not that of the base.
        base(&folder);
        let start = [
            "--base=base",
            "--launcher=launcher",
            "--python=/python",
            "--cmd=/app",
        ];
        fs::rename(folder.path("one.tar"), folder.path("two.tar")).expect("a layer");
        folder.layer("./x size=0\n", &[]).text();
        fs::rename(folder.path("json"), folder.path("two.json")).expect("metadata");
        fs::rename(folder.path("layer"), folder.path("two.tar")).expect("a layer");
        image(&folder, "other", &["two"], &start).text();
        let words = entrypoint.as_array().expect("words");
        let config = &read(&folder, "other")[2]["config"];
        assert_eq!(
            config.get("Entrypoint"),
            Some(&json!(words[..words.len() - 1])).filter(|_| words.len() > 1),
            "{launcher}"
        );
        assert_eq!(config["Cmd"], json!(["/app"]));
    }
}

/// A file that nobody may write is shared, any other copied; a link to it counts as the file.
#[test]
fn what_is_linked_and_what_is_copied() {
    let folder = folder(&["one", "two"], "gzip");
    fs::set_permissions(folder.path("one.tar"), fs::Permissions::from_mode(0o555)).expect("a mode");
    fs::rename(folder.path("one.tar"), folder.path("real")).expect("a layer");
    std::os::unix::fs::symlink("real", folder.path("one.tar")).expect("a link");
    image(&folder, "image", &["one", "two"], &[AMD64]).text();
    let inode = |path: &str| fs::metadata(folder.path(path)).expect("a file").ino();
    let in_image = |name: &str| {
        let digest = hex(&folder.read(&format!("{name}.tar")));
        inode(&format!("image/blobs/sha256/{digest}"))
    };
    assert_eq!(in_image("one"), inode("real"));
    assert_ne!(in_image("two"), inode("two.tar"));
    let modes = fs::metadata(folder.path("image"))
        .expect("a folder")
        .permissions()
        .mode();
    assert_eq!(modes & 0o700, 0o700);
    assert_eq!(modes & 0o055, 0o055, "others may read it");
}

#[test]
fn an_empty_folder_gives_way_and_empty_layers_are_left_out() {
    let folder = folder(&["one"], "gzip");
    folder.layer("", &["--name=empty"]).text();
    fs::copy(folder.path("layer"), folder.path("empty.tar")).expect("a layer");
    fs::copy(folder.path("json"), folder.path("empty.json")).expect("metadata");
    fs::create_dir(folder.path("image")).expect("a folder");
    image(&folder, "image", &["empty", "one", "empty"], &[AMD64]).text();
    let [_, manifest, config] = read(&folder, "image");
    assert_eq!(manifest["layers"].as_array().map(Vec::len), Some(1));
    assert_eq!(config["history"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_index_by_platform() {
    let folder = folder(&["one", "two"], "gzip");
    image(
        &folder,
        "amd64",
        &["one"],
        &[AMD64, "--tag=x", "--repo-tag=x:y"],
    )
    .text();
    image(
        &folder,
        "arm64",
        &["one", "two"],
        &["--platform=linux/arm64"],
    )
    .text();
    let arguments = [
        "index",
        "amd64",
        "arm64",
        "--annotation=a=b",
        "--tag=v1",
        "--repo-tag=a/b:v1",
    ];
    folder
        .tool(&[&arguments[..], &["--output=index", "--digest=digest"]].concat())
        .text();
    let outer = json(&folder.read("index/index.json"));
    let bytes = blob(&folder, "index", &outer["manifests"][0]["digest"]);
    assert_eq!(
        outer["manifests"],
        json!([{
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": sha256(&bytes),
            "size": bytes.len(),
            "annotations": {"io.containerd.image.name": "a/b:v1", "org.opencontainers.image.ref.name": "v1"},
        }])
    );
    let manifest = |name: &str| {
        let mut manifest = json(&folder.read(&format!("{name}/index.json")))["manifests"][0].take();
        manifest
            .as_object_mut()
            .expect("an object")
            .remove("annotations");
        manifest
    };
    assert_eq!(
        json(&bytes),
        json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [manifest("amd64"), manifest("arm64")],
            "annotations": {"a": "b"},
        })
    );
    assert_eq!(
        folder.read("digest"),
        format!("{}\n", sha256(&bytes)).as_bytes()
    );
    // An index, two manifests, two configurations, and two layers, one of them of both.
    assert_eq!(
        fs::read_dir(folder.path("index/blobs/sha256"))
            .expect("blobs")
            .count(),
        7
    );

    for (name, layout) in [("amd64", "sparse_amd64"), ("arm64", "sparse_arm64")] {
        fs::create_dir_all(folder.path(layout)).expect("a folder");
        folder
            .run("cp", &["-r", &format!("{name}/."), layout])
            .text();
        for layer in ["one", "two"] {
            let digest = hex(&folder.read(&format!("{layer}.tar")));
            let _ = fs::remove_file(folder.path(format!("{layout}/blobs/sha256/{digest}")));
        }
    }
    let sparse = [
        "index",
        "sparse_amd64",
        "sparse_arm64",
        "--annotation=a=b",
        "--tag=v1",
        "--repo-tag=a/b:v1",
    ];
    folder
        .tool(&[&sparse[..], &["--output=sparse", "--sparse"]].concat())
        .text();
    assert!(folder.read("sparse/index.json") == folder.read("index/index.json"));
    assert_eq!(
        fs::read_dir(folder.path("sparse/blobs/sha256"))
            .expect("blobs")
            .count(),
        5
    );

    // As a base, the image for the platform is taken.
    folder.layer("./three size=0\n", &[]).text();
    fs::rename(folder.path("layer"), folder.path("three.tar")).expect("a layer");
    fs::rename(folder.path("json"), folder.path("three.json")).expect("metadata");
    image(
        &folder,
        "image",
        &["three"],
        &["--base=index", "--platform=linux/arm64"],
    )
    .text();
    let [_, above, config] = read(&folder, "image");
    assert_eq!(config["architecture"], "arm64");
    assert_eq!(above["layers"].as_array().map(Vec::len), Some(3));
}

#[test]
fn docker_archives() {
    for (compress, extension) in [("gzip", ".tar.gz"), ("zstd", ".tar.zst"), ("none", ".tar")] {
        let folder = folder(&["one", "two"], compress);
        image(
            &folder,
            "image",
            &["one", "two"],
            &[AMD64, "--repo-tag=a/b:v1"],
        )
        .text();
        folder.tool(&["archive", "image", "--output=a.tar"]).text();
        let [_, manifest, _] = read(&folder, "image");
        let name = |digest: &Value| digest.as_str().expect("text").replace("sha256:", "");
        let layers: Vec<_> = [0, 1]
            .map(|n| name(&manifest["layers"][n]["digest"]) + extension)
            .into();
        let config = name(&manifest["config"]["digest"]) + ".json";
        let list = folder.run("tar", &["-tf", "a.tar"]).text();
        assert_eq!(
            list.lines().collect::<Vec<_>>(),
            ["manifest.json", &config, &layers[0], &layers[1]]
        );
        let list = folder.run("tar", &["-tvf", "a.tar"]).text();
        assert!(
            list.lines().all(|line| line.starts_with("-rw-r--r-- 0/0 ")),
            "{list}"
        );
        let listed = folder
            .run("tar", &["-xOf", "a.tar", "manifest.json"])
            .text();
        assert_eq!(
            json(listed.as_bytes()),
            json!([{"Config": config, "RepoTags": ["a/b:v1"], "Layers": layers}])
        );
        assert_eq!(
            folder.run("tar", &["-xOf", "a.tar", &layers[1]]).stdout,
            folder.read("two.tar")
        );
        let other = [
            "archive",
            "image",
            "--output=-",
            "--repo-tag=c:1",
            "--repo-tag=d:2",
        ];
        folder.write("b.tar", &folder.tool(&other).stdout);
        let listed = folder
            .run("tar", &["-xOf", "b.tar", "manifest.json"])
            .text();
        assert_eq!(
            json(listed.as_bytes())[0]["RepoTags"],
            json!(["c:1", "d:2"])
        );
    }
}

#[test]
fn load_streams_into_what_is_on_path() {
    let folder = folder(&["one"], "gzip");
    image(&folder, "amd64", &["one"], &[AMD64]).text();
    image(&folder, "arm64", &["one"], &["--platform=linux/arm64"]).text();
    folder
        .tool(&[
            "index",
            "amd64",
            "arm64",
            "--output=index",
            "--repo-tag=a:b",
        ])
        .text();
    folder
        .tool(&["archive", "amd64", "--output=amd64.tar", "--repo-tag=a:b"])
        .text();
    folder
        .tool(&["archive", "arm64", "--output=arm64.tar", "--repo-tag=a:b"])
        .text();
    let machine = if cfg!(target_arch = "x86_64") {
        "amd64.tar"
    } else {
        "arm64.tar"
    };

    let program = |name: &str, script: &str| {
        folder.write(name, format!("#!/bin/sh\n{script}\n").as_bytes());
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(0o755)).expect("a mode");
    };
    let load = |path: &str, arguments: &[&str]| {
        let tool = crate::folder::tool();
        let path = format!("PATH={}/{path}:/nowhere", folder.path(".").display());
        let all = [&path, tool.to_str().expect("text"), "load", "index"];
        folder.run("/usr/bin/env", &[&all[..], arguments].concat())
    };
    program(
        "both/docker",
        "[ \"$*\" = load ] && /bin/cat >docker.tar && echo Loaded",
    );
    program("both/podman", "exit 1");
    program("podman/podman", "[ \"$*\" = load ] && /bin/cat >podman.tar");
    program("failing/docker", "echo no daemon >&2; exit 3");
    folder.write("other/docker", b"no program");

    assert_eq!(load("both", &[]).text(), "Loaded\n");
    assert!(folder.read("docker.tar") == folder.read(machine));
    load("podman", &["--platform=linux/arm64"]).text();
    assert!(folder.read("podman.tar") == folder.read("arm64.tar"));
    let with = folder.path("podman/podman");
    load(
        "failing",
        &[
            "--platform=linux/amd64",
            "--with",
            with.to_str().expect("text"),
        ],
    )
    .text();
    assert!(folder.read("podman.tar") == folder.read("amd64.tar"));
    // The one image of a layout, whatever it is for.
    for name in ["amd64", "arm64"] {
        let with = folder.path("podman/podman");
        let with = with.to_str().expect("text");
        folder
            .tool(&["load", name, "--repo-tag=a:b", "--with", with])
            .text();
        assert!(folder.read("podman.tar") == folder.read(&format!("{name}.tar")));
    }

    for (path, problem) in [
        ("failing", "no daemon\nlayer_tool: cannot run "),
        (
            "other",
            "layer_tool: neither docker nor podman is on PATH; install one",
        ),
    ] {
        let answer = load(path, &[]);
        assert_ne!(answer.code, Some(0));
        assert!(answer.stderr.starts_with(problem), "{}", answer.stderr);
    }
    assert!(load("failing", &[])
        .stderr
        .contains("`load` ended with exit status: 3"));
}

#[test]
fn layers_of_other_programs_are_described() {
    let program = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0";
    let folder = Folder::new(&[("d/a", b"content"), ("d/b", &program)]);
    for (compress, name) in [("--gzip", "gzip"), ("--zstd", "zstd"), ("", "none")] {
        let script = format!("tar -cf plain.tar ./d && tar -cf layer.tar {compress} ./d");
        folder.run("sh", &["-c", &script]).text();
        folder
            .tool(&["describe", "layer.tar", "--metadata=json", "--name=d"])
            .text();
        let suffix = if name == "none" {
            String::new()
        } else {
            format!("+{name}")
        };
        let (layer, plain) = (folder.read("layer.tar"), folder.read("plain.tar"));
        assert_eq!(
            json(&folder.read("json")),
            json!({
                "name": "d",
                "media_type": format!("application/vnd.oci.image.layer.v1.tar{suffix}"),
                "digest": sha256(&layer),
                "diff_id": sha256(&plain),
                "size": layer.len(),
                "uncompressed_size": plain.len(),
                "entries": 3,
                "files": 2,
                "machines": {"aarch64": "d/b"},
                "compression": name,
            })
        );
    }
    for (layer, content) in [
        ("text", &b"xxxxxxxxxx"[..]),
        ("empty", b""),
        ("cut", &folder.read("plain.tar")[..700]),
    ] {
        folder.write(layer, content);
        let answer = folder.tool(&["describe", layer, "--metadata=bad"]);
        assert_eq!(answer.code, Some(1), "{layer}");
        assert!(
            answer
                .stderr
                .starts_with(&format!("layer_tool: cannot describe {layer}: ")),
            "{}",
            answer.stderr
        );
        assert!(!folder.path("bad").exists());
    }
}

fn refused(folder: &Folder, answer: &Answer, problem: &str) {
    answer.expect_refusal(&[1, 2], problem);
    let left: Vec<_> = folder
        .names()
        .into_iter()
        .filter(|name| name.starts_with('.') || ["output", "digest"].contains(&name.as_str()))
        .collect();
    assert!(left.is_empty(), "{problem}: {left:?} stay behind");
}

#[test]
fn bad_settings() {
    let folder = folder(&["one"], "gzip");
    base(&folder);
    for (argument, problem) in [
        ("--env=A", "--env \"A\" is no variable; write NAME=VALUE"),
        ("--env==A", "--env \"=A\" is no variable"),
        (
            "--user=a b",
            "--user \"a b\" is no id or name; write e.g. 1000",
        ),
        ("--user=a:b:c", "--user \"a:b:c\" is no id or name"),
        ("--tag=a/b", "tag \"a/b\" is none that registries take"),
        ("--tag=", "tag \"\" is none that registries take"),
        ("--repo-tag=A:b", "\"A:b\" names no image"),
        ("--repo-tag=a", "\"a\" names no image"),
        ("--workdir=a", "--workdir \"a\" is no absolute path"),
        (
            "--volume=a",
            "--volume \"a\" is no absolute path; begin it with /",
        ),
        ("--exposed-port=http", "--exposed-port \"http\" is no port"),
        (
            "--base=missing",
            "missing: no OCI image layout (it has no file oci-layout)",
        ),
        (
            "--base=base/blobs",
            "base/blobs: no OCI image layout (it has no file oci-layout)",
        ),
        (
            "--metadata=one.tar",
            "1 --layer, but 2 --metadata; give one layer for each",
        ),
    ] {
        let answer = image(
            &folder,
            "output",
            &["one"],
            &[AMD64, "--digest=digest", argument],
        );
        refused(&folder, &answer, problem);
    }
    let none = image(&folder, "output", &["one"], &["--digest=digest"]);
    refused(
        &folder,
        &none,
        "an image without a base needs its platform; give --platform",
    );
    let none = image(&folder, "output", &[], &[AMD64]);
    refused(
        &folder,
        &none,
        "an image without a base needs a layer that is not empty",
    );
    let there = image(&folder, "base", &["one"], &[AMD64, "--digest=digest"]);
    refused(
        &folder,
        &there,
        "base: is no empty folder, so no layout can take its place",
    );
    folder.write("file", b"");
    let there = image(&folder, "file", &["one"], &[AMD64]);
    refused(&folder, &there, "file: is no empty folder");
    let nowhere = image(&folder, "no/where", &["one"], &[AMD64]);
    refused(
        &folder,
        &nowhere,
        "cannot write no/where: No such file or directory",
    );
    let digest = image(&folder, "output", &["one"], &[AMD64, "--digest=base"]);
    refused(&folder, &digest, "base: is a folder");
}

/// An image on one with the same interpreter, say: what lies between may have changed its files.
#[test]
fn a_layer_that_is_below_already_is_put_on_top_again() {
    let folder = folder(&["one", "two"], "gzip");
    image(&folder, "base", &["one", "two"], &[AMD64]).text();
    image(&folder, "output", &["one", "two", "one"], &["--base=base"]).text();
    let [_, manifest, config] = read(&folder, "output");
    let names = |value: &Value, pointer: &str, field: &str| {
        let list = value.pointer(pointer).and_then(Value::as_array);
        let list = list.expect("a list").iter();
        list.map(|item| item.get(field).unwrap_or(item).clone())
            .collect::<Vec<_>>()
    };
    for found in [
        names(&manifest, "/layers", "digest"),
        names(&config, "/rootfs/diff_ids", ""),
    ] {
        let (one, two) = (&found[0], &found[1]);
        assert_ne!(one, two);
        assert_eq!(found.iter().collect::<Vec<_>>(), [one, two, one, two, one]);
    }
    // Once as bytes, in the layout and in a tar.
    let blobs = fs::read_dir(folder.path("output/blobs/sha256")).expect("blobs");
    assert_eq!(blobs.count(), 4);
    folder.tool(&["archive", "output", "--output=tar"]).text();
    let list = folder.run("tar", &["-tf", "tar"]).text();
    assert_eq!(list.lines().count(), 4, "{list}");
}

#[test]
fn bad_layers_and_bases() {
    let folder = folder(&["one", "two"], "gzip");
    base(&folder);
    let refuse = |names: &[&str], arguments: &[&str], problem: &str| {
        let arguments = [&["--digest=digest"], arguments].concat();
        refused(
            &folder,
            &image(&folder, "output", names, &arguments),
            problem,
        );
    };
    refuse(
        &["two"],
        &["--base=base", AMD64],
        "base: holds an image for linux/arm64/v8, and none for linux/amd64; give one of that platform",
    );
    refuse(
        &["two", "missing"],
        &[AMD64],
        "cannot read missing.json: No such file or directory",
    );
    folder.write("missing.json", &folder.read("two.json"));
    refuse(
        &["missing"],
        &[AMD64],
        "cannot read missing.tar: No such file or directory",
    );
    folder.write("missing.tar", b"cut");
    refuse(
        &["missing"],
        &[AMD64],
        "missing.tar: has 3 bytes where missing.json says ",
    );
    let mut metadata = json(&folder.read("two.json"));
    metadata
        .as_object_mut()
        .expect("an object")
        .remove("diff_id");
    folder.write("missing.json", metadata.to_string().as_bytes());
    refuse(
        &["missing"],
        &[AMD64],
        "missing.json: has no diff_id, which an image needs",
    );

    let [index, manifest, _] = read(&folder, "base");
    let damage = |digest: &Value, content: Option<&[u8]>, problem: &str| {
        folder.run("cp", &["-r", "base", "damaged"]).text();
        let name = digest
            .as_str()
            .expect("text")
            .replace("sha256:", "damaged/blobs/sha256/");
        match content {
            Some(content) => folder.write(&name, content),
            None => fs::remove_file(folder.path(&name)).expect("a blob"),
        }
        for sparse in [false, true] {
            let arguments: &[&str] = if sparse {
                &["--base=damaged", "--sparse"]
            } else {
                &["--base=damaged"]
            };
            let answer = if sparse {
                let all = [
                    "image",
                    "--output=output",
                    "--digest=digest",
                    "--metadata=two.json",
                ];
                folder.tool(&[&all[..], arguments].concat())
            } else {
                image(
                    &folder,
                    "output",
                    &["two"],
                    &[&["--digest=digest"], arguments].concat(),
                )
            };
            refused(&folder, &answer, problem);
        }
        fs::remove_dir_all(folder.path("damaged")).expect("a folder");
    };
    let image = &index["manifests"][0]["digest"];
    let layer = &manifest["layers"][0]["digest"];
    for digest in [image, &manifest["config"]["digest"], layer] {
        let missing = format!(
            "damaged: blob {} is missing",
            digest.as_str().expect("text")
        );
        damage(digest, None, &missing);
        damage(digest, Some(b"short"), "has 5 bytes where ");
    }
    let other = vec![b'x'; index["manifests"][0]["size"].as_u64().expect("a size") as usize];
    damage(
        image,
        Some(&other),
        "is not what its digest says; fetch or build it again",
    );

    folder.write("layout/oci-layout", b"{\"imageLayoutVersion\": \"2.0.0\"}");
    folder.write(
        "layout/index.json",
        b"{\"schemaVersion\": 2, \"manifests\": []}",
    );
    refuse(
        &["two"],
        &["--base=layout"],
        "layout: no OCI image layout (version \"2.0.0\")",
    );
    folder.write("layout/oci-layout", b"{\"imageLayoutVersion\": \"1.0.0\"}");
    refuse(&["two"], &["--base=layout"], "layout: holds no image");
    folder.write("layout/index.json", b"[]");
    refuse(
        &["two"],
        &["--base=layout"],
        "layout/index.json: no OCI image layout (",
    );
    // A digest that leads elsewhere.
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:../../../one.json", "size": 1}]});
    folder.write("layout/index.json", index.to_string().as_bytes());
    refuse(
        &["two"],
        &["--base=layout"],
        "layout/index.json: no OCI image layout (\"sha256:../../../one.json\" is no SHA-256 digest",
    );
}

/// Metadata is of this program or of others: what is no digest, media type or size is refused.
#[test]
fn metadata_that_cannot_be() {
    let folder = folder(&["one"], "gzip");
    let digest = format!("sha256:{}", "A".repeat(64));
    for (field, value, problem) in [
        ("digest", json!("sha256:zz"), "\"sha256:zz\" is no SHA-256 digest at line "),
        ("digest", json!(digest), "is no SHA-256 digest at line "),
        ("digest", json!("sha256:../../one.json"), "\"sha256:../../one.json\" is no SHA-256 digest"),
        ("diff_id", json!("sha256:"), "\"sha256:\" is no SHA-256 digest at line "),
        ("diff_id", json!(1), "invalid type: integer `1`"),
        (
            "media_type",
            json!("text/plain"),
            "the media type \"text/plain\" is of no layer; those of layers are application/vnd.oci.image.layer.v1.tar+gzip, ",
        ),
        (
            "media_type",
            json!("application/vnd.oci.image.layer.v1.tar"),
            "the media type \"application/vnd.oci.image.layer.v1.tar\" is none of the compression \"gzip\"",
        ),
        ("compression", json!("bzip2"), "unknown variant `bzip2`, expected one of `gzip`, `zstd`, `none`"),
        ("size", json!(u64::MAX), "18446744073709551615 bytes are more than a size can be, 9223372036854775807"),
        ("size", json!(-1), "invalid value: integer `-1`"),
    ] {
        let mut metadata = json(&folder.read("one.json"));
        metadata[field] = value;
        folder.write("bad.json", metadata.to_string().as_bytes());
        for arguments in [
            &["--layer=one.tar"][..],
            &["--layer=one.tar", "--trust-layers"],
            &["--sparse"],
        ] {
            let all = ["image", "--output=output", "--digest=digest", AMD64, "--metadata=bad.json"];
            let answer = folder.tool(&[&all[..], arguments].concat());
            refused(&folder, &answer, "bad.json: no metadata of a layer (");
            refused(&folder, &answer, problem);
            refused(&folder, &answer, "; give a file that `layer --metadata` wrote");
        }
    }
}

/// What metadata says of a layer is read off it, unless the build system vouches for it.
#[test]
fn metadata_of_another_layer() {
    let folder = folder(&["one"], "gzip");
    for (fields, problem) in [
        (
            json!({"diff_id": format!("sha256:{}", "0".repeat(64))}),
            "bad.json: its diffID is not that of one.tar; write it again",
        ),
        (
            json!({"compression": "zstd", "media_type": "application/vnd.oci.image.layer.v1.tar+zstd"}),
            "bad.json: its compression is not that of one.tar; write it again",
        ),
    ] {
        let mut metadata = json(&folder.read("one.json"));
        for (field, value) in fields.as_object().expect("an object") {
            metadata[field] = value.clone();
        }
        folder.write("bad.json", metadata.to_string().as_bytes());
        let all = [
            "image",
            "--output=output",
            "--digest=digest",
            AMD64,
            "--metadata=bad.json",
            "--layer=one.tar",
        ];
        refused(&folder, &folder.tool(&all), problem);
    }
}

/// What is copied is read, unless the build system vouches for it.
#[test]
fn blobs_of_other_bytes() {
    let folder = folder(&["one", "two"], "gzip");
    base(&folder);
    let blob = format!("blobs/sha256/{}", hex(&folder.read("one.tar")));
    let other = vec![b'x'; folder.read("one.tar").len()];
    folder.write(&format!("base/{blob}"), &other);
    let problem = format!("base/{blob}: is not what its digest says; fetch or build it again");
    let arguments = ["--base=base", "--digest=digest"];
    for trust in [&[][..], &["--trust-layers"]] {
        let answer = image(
            &folder,
            "output",
            &["two"],
            &[&arguments[..], trust].concat(),
        );
        refused(&folder, &answer, &problem);
    }
    image(
        &folder,
        "trusted",
        &["two"],
        &["--base=base", "--trust-base"],
    )
    .text();
    image(&folder, "amd64", &["two"], &[AMD64]).text();
    let index = ["index", "base", "amd64"];
    let answer = folder.tool(&[&index[..], &["--output=output", "--digest=digest"]].concat());
    refused(&folder, &answer, &problem);
    folder
        .tool(&[&index[..], &["--output=index", "--trust-layers"]].concat())
        .text();
    refused(
        &folder,
        &folder.tool(&["archive", "base", "--output=output"]),
        &problem,
    );

    folder.write("one.tar", &other);
    let answer = image(&folder, "output", &["one"], &[AMD64, "--digest=digest"]);
    refused(
        &folder,
        &answer,
        "one.tar: is not what its digest says; fetch or build it again",
    );
    image(&folder, "vouched", &["one"], &[AMD64, "--trust-layers"]).text();
}

/// A layout whose entries of `index.json` are those of the given layouts, each with a tag.
fn tagged(folder: &Folder, output: &str, entries: &[(&str, &str)]) {
    let mut manifests = Vec::new();
    for (layout, tag) in entries {
        let from = format!("{layout}/.");
        fs::create_dir_all(folder.path(output)).expect("a folder");
        folder.run("cp", &["-r", &from, output]).text();
        let mut entry = json(&folder.read(&format!("{layout}/index.json")))["manifests"][0].take();
        entry["annotations"] = json!({
            "org.opencontainers.image.ref.name": tag,
            "io.containerd.image.name": format!("names/{tag}:1"),
        });
        manifests.push(entry);
    }
    let index = json!({"schemaVersion": 2, "manifests": manifests});
    folder.write(
        &format!("{output}/index.json"),
        index.to_string().as_bytes(),
    );
}

#[test]
fn several_images_of_one_platform() {
    let folder = folder(&["one", "two", "three"], "gzip");
    image(&folder, "a", &["one"], &[AMD64]).text();
    image(&folder, "b", &["two"], &[AMD64]).text();
    image(&folder, "c", &["one"], &["--platform=linux/arm64"]).text();
    tagged(
        &folder,
        "base",
        &[("a", "x"), ("b", "y"), ("c", "x"), ("a", "z")],
    );
    let digest = |layout: &str| folder.tool(&["digest", layout]).text().trim().to_owned();
    let several = format!(
        "base: holds 2 images that may be meant: {} (linux/amd64, with the tag x, z), {} (linux/amd64, \
         with the tag y); choose one by its tag (`base_tag` of an image, `--base-tag` of this program \
         for a base, else `--tag`), or give a layout of one",
        digest("a"),
        digest("b")
    );
    let refuse = |arguments: &[&str], problem: &str| {
        let all = [&["--base=base", "--digest=digest"], arguments].concat();
        refused(
            &folder,
            &image(&folder, "output", &["three"], &all),
            problem,
        );
    };
    refuse(&[AMD64], &several);
    refuse(
        &[],
        "base: holds images for linux/amd64, linux/amd64, linux/arm64; choose one by --platform",
    );
    refuse(
        &[AMD64, "--base-tag=w"],
        "base: has the tags [\"x\", \"y\", \"x\", \"z\"], and not \"w\"; give one of them",
    );
    refuse(
        &["--platform=linux/arm64", "--base-tag=y"],
        "base: holds an image for linux/amd64, and none for linux/arm64",
    );
    for (tag, layout) in [("x", "a"), ("y", "b"), ("z", "a")] {
        let output = format!("with_{tag}");
        let tag = format!("--base-tag={tag}");
        image(&folder, &output, &["three"], &["--base=base", AMD64, &tag]).text();
        assert_eq!(
            read(&folder, &output)[1]["annotations"]["org.opencontainers.image.base.digest"],
            digest(layout)
        );
    }

    // An image has its own names, and no others of its layout.
    refused(
        &folder,
        &folder.tool(&["archive", "base", AMD64, "--output=output"]),
        &several,
    );
    let names = |arguments: &[&str]| {
        let all = [&["archive", "base", "--output=names.tar"], arguments].concat();
        folder.tool(&all).text();
        let listed = folder
            .run("tar", &["-xOf", "names.tar", "manifest.json"])
            .text();
        json(listed.as_bytes())[0]["RepoTags"].take()
    };
    assert_eq!(names(&["--platform=linux/arm64"]), json!(["names/x:1"]));
    assert_eq!(names(&[AMD64, "--tag=y"]), json!(["names/y:1"]));
    assert_eq!(names(&[AMD64, "--tag=z"]), json!(["names/z:1"]));
    tagged(&folder, "same", &[("a", "x"), ("b", "y")]);
    refused(
        &folder,
        &folder.tool(&["archive", "same", "--output=output"]),
        "same: holds 2 images that may be meant: ",
    );
    tagged(&folder, "twice", &[("a", "x"), ("c", "y"), ("a", "z")]);
    folder
        .tool(&["archive", "twice", AMD64, "--output=names.tar"])
        .text();
    let listed = folder
        .run("tar", &["-xOf", "names.tar", "manifest.json"])
        .text();
    assert_eq!(
        json(listed.as_bytes())[0]["RepoTags"],
        json!(["names/x:1", "names/z:1"])
    );

    // Of amd64, that which asks for no newer machine; else whichever there is.
    image(&folder, "v3", &["two"], &["--platform=linux/amd64/v3"]).text();
    tagged(&folder, "variants", &[("v3", "x"), ("a", "x")]);
    image(&folder, "any", &["three"], &["--base=variants", AMD64]).text();
    assert_eq!(
        read(&folder, "any")[1]["annotations"]["org.opencontainers.image.base.digest"],
        digest("a")
    );
    image(&folder, "v3_only", &["three"], &["--base=v3", AMD64]).text();
}

/// A layout whose `index.json` leads to an image by so many indexes, each naming the next twice.
fn nested(folder: &Folder, output: &str, depth: usize) {
    folder.run("cp", &["-r", "base", output]).text();
    let mut entry = json(&folder.read("base/index.json"))["manifests"][0].take();
    for _ in 0..depth {
        let index = json!({"schemaVersion": 2, "manifests": [entry, entry]}).to_string();
        let digest = sha256(index.as_bytes());
        let name = digest.replace("sha256:", "blobs/sha256/");
        folder.write(&format!("{output}/{name}"), index.as_bytes());
        entry = json!({"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": index.len()});
    }
    let index = json!({"schemaVersion": 2, "manifests": [entry, entry]});
    folder.write(
        &format!("{output}/index.json"),
        index.to_string().as_bytes(),
    );
}

#[test]
fn indexes_in_indexes() {
    let folder = folder(&["one", "two"], "gzip");
    base(&folder);
    nested(&folder, "deep", 32);
    image(&folder, "image", &["two"], &["--base=deep"]).text();
    nested(&folder, "deeper", 33);
    let arguments = ["--base=deeper", "--digest=digest"];
    refused(
        &folder,
        &image(&folder, "output", &["two"], &arguments),
        "deeper: has indexes in indexes, more than 32 deep; give a layout whose index names its images",
    );

    // Large ones.
    let mut padded = json(&folder.read("base/index.json"));
    padded["annotations"] = json!({"padding": "x".repeat(4 << 20)});
    folder.run("cp", &["-r", "base", "large"]).text();
    folder.write("large/index.json", padded.to_string().as_bytes());
    let arguments = ["--base=large", "--digest=digest"];
    let too_large = "bytes, and registries take indexes, manifests and configurations of up to 4194304; give another image";
    refused(
        &folder,
        &image(&folder, "output", &["two"], &arguments),
        too_large,
    );
    let mut entries = Vec::new();
    for number in 0..9 {
        let index = json!({"schemaVersion": 2, "manifests": [], "annotations": {"padding": "x".repeat((4 << 20) - 100), "number": number.to_string()}}).to_string();
        let digest = sha256(index.as_bytes());
        let name = digest.replace("sha256:", "large/blobs/sha256/");
        folder.write(&name, index.as_bytes());
        entries.push(json!({"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": index.len()}));
    }
    let index = json!({"schemaVersion": 2, "manifests": entries});
    folder.write("large/index.json", index.to_string().as_bytes());
    refused(
        &folder,
        &image(&folder, "output", &["two"], &arguments),
        "large: has more than 33554432 bytes of indexes, manifests and configurations; give a layout of fewer images",
    );
}

/// A base whose manifest and configuration are changed, with the digests that this gives them.
fn changed(folder: &Folder, output: &str, change: impl Fn(&mut Value, &mut Value)) {
    folder.run("cp", &["-r", "base", output]).text();
    let [mut index, mut manifest, mut config] = read(folder, "base");
    change(&mut manifest, &mut config);
    let add = |descriptor: &mut Value, content: &Value| {
        let bytes = content.to_string().into_bytes();
        folder.write(&format!("{output}/blobs/sha256/{}", hex(&bytes)), &bytes);
        descriptor["digest"] = json!(sha256(&bytes));
        descriptor["size"] = json!(bytes.len());
    };
    add(&mut manifest["config"], &config);
    add(&mut index["manifests"][0], &manifest);
    folder.write(
        &format!("{output}/index.json"),
        index.to_string().as_bytes(),
    );
}

#[test]
fn bases_that_cannot_be() {
    let folder = folder(&["one", "two"], "gzip");
    base(&folder);
    for (number, (pointer, value, problem)) in [
        ("/layers/0/digest", json!("sha256:zz"), "is no application/vnd.oci.image.manifest.v1+json (\"sha256:zz\" is no SHA-256 digest"),
        ("/layers/0/mediaType", json!("text/plain"), "layer 1 has the media type \"text/plain\", of which nothing is known; give an image whose layers are one of "),
        ("/layers/0/size", json!(u64::MAX), "18446744073709551615 bytes are more than a size can be"),
        ("/rootfs/diff_ids/0", json!("sha256:zz"), "is no configuration of an image (rootfs.diff_ids: \"sha256:zz\" is no SHA-256 digest"),
        ("/rootfs/diff_ids/0", json!(7), "is no configuration of an image (rootfs.diff_ids: invalid type: integer `7`, expected a string)"),
        ("/rootfs/diff_ids", json!([]), "the configuration of the base has 0 diff_ids for 1 layers; give another base"),
        ("/config/Env", json!([1]), "is no configuration of an image (config.Env: invalid type: integer `1`, expected a string)"),
        ("/config/Cmd", json!("sh"), "is no configuration of an image (config.Cmd: invalid type: string \"sh\", expected a sequence)"),
        ("/config/Labels", json!({"a": 1}), "is no configuration of an image (config.Labels: invalid type: integer `1`, expected a string)"),
        ("/config/ExposedPorts", json!([]), "is no configuration of an image (config.ExposedPorts: invalid type: sequence, expected a map)"),
        ("/config/Volumes", json!("/v"), "is no configuration of an image (config.Volumes: invalid type: string \"/v\", expected a map)"),
        ("/config/WorkingDir", json!(5), "is no configuration of an image (config.WorkingDir: invalid type: integer `5`, expected a string)"),
        ("/config/User", json!(["x"]), "is no configuration of an image (config.User: invalid type: sequence, expected a string)"),
        ("/config/StopSignal", json!(9), "is no configuration of an image (config.StopSignal: invalid type: integer `9`, expected a string)"),
        ("/config/ArgsEscaped", json!("yes"), "is no configuration of an image (config.ArgsEscaped: invalid type: string \"yes\", expected a boolean)"),
        ("/config", json!([]), "is no configuration of an image (config: invalid type: sequence, expected a map)"),
        ("/rootfs", json!("layers"), "is no configuration of an image (rootfs: invalid type: string \"layers\", expected a map)"),
        ("/rootfs/type", json!(1), "is no configuration of an image (rootfs.type: invalid type: integer `1`, expected a string)"),
        ("/history", json!({}), "is no configuration of an image (history: invalid type: map, expected a sequence)"),
        ("/history/0/comment", json!(1), "is no configuration of an image (history.comment: invalid type: integer `1`, expected a string)"),
        ("/history/0/empty_layer", json!("true"), "is no configuration of an image (history.empty_layer: invalid type: string \"true\", expected a boolean)"),
        ("/variant", json!(8), "is no configuration of an image (variant: invalid type: integer `8`, expected a string)"),
        ("/created", json!(0), "is no configuration of an image (created: invalid type: integer `0`, expected a string)"),
        ("/os.features", json!("x"), "is no configuration of an image (os.features: invalid type: string \"x\", expected a sequence)"),
    ]
    .into_iter()
    .enumerate()
    {
        let output = format!("base{number}");
        changed(&folder, &output, |manifest, config| {
            let of = if pointer.starts_with("/layers") { manifest } else { config };
            let (of_field, field) = pointer.rsplit_once('/').expect("a name");
            let of_field = of.pointer_mut(of_field).expect("an object or list");
            match field.parse::<usize>() {
                Ok(at) => of_field[at] = value.clone(),
                Err(_) => of_field[field] = value.clone(),
            }
        });
        let output = format!("--base={output}");
        for sparse in [false, true] {
            let answer = if sparse {
                folder.tool(&["image", "--output=output", "--digest=digest", "--metadata=two.json", "--sparse", &output])
            } else {
                image(&folder, "output", &["two"], &["--digest=digest", &output])
            };
            refused(&folder, &answer, problem);
        }
    }
}

#[test]
fn no_more_layers_than_stores_take() {
    let names: Vec<String> = (0..128).map(|number| format!("l{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let folder = folder(&names, "none");
    image(&folder, "most", &names[..127], &[AMD64]).text();
    let problem = |below: usize| {
        format!(
            "the image has 128 layers, {below} of them of its base, and image stores take 127 at most; \
             have fewer groups in its layer_tier (or `layer_budget`) or layer_groups, or take a base of \
             fewer layers"
        )
    };
    let answer = image(&folder, "output", &names, &[AMD64, "--digest=digest"]);
    refused(&folder, &answer, &problem(0));
    let arguments = ["--base=most", "--digest=digest"];
    let answer = image(&folder, "output", &names[127..], &arguments);
    refused(&folder, &answer, &problem(127));
}

#[test]
fn bad_indexes_and_archives() {
    let folder = folder(&["one"], "gzip");
    image(&folder, "amd64", &["one"], &[AMD64]).text();
    image(&folder, "arm64", &["one"], &["--platform=linux/arm64"]).text();
    // All of arm64 is v8 unless it says otherwise.
    let v8 = ["--platform=linux/arm64/v8", "--cmd=x"];
    image(&folder, "arm64_v8", &["one"], &v8).text();
    folder
        .tool(&["index", "amd64", "arm64", "--output=index"])
        .text();
    folder.run("cp", &["-r", "arm64", "damaged"]).text();
    let digest = hex(&folder.read("one.tar"));
    fs::remove_file(folder.path(format!("damaged/blobs/sha256/{digest}"))).expect("a blob");
    let layout = |name: &str, index: &[u8]| {
        folder.write(
            &format!("{name}/oci-layout"),
            &folder.read("amd64/oci-layout"),
        );
        folder.write(&format!("{name}/index.json"), index);
    };
    layout("empty", br#"{"schemaVersion": 2, "manifests": []}"#);
    layout("no_folder", &folder.read("amd64/index.json"));
    folder.write("no_folder/blobs/sha256", b"");
    for (arguments, problem) in [
        (
            &["index", "amd64", "amd64"][..],
            "amd64: holds an image for linux/amd64, as amd64 does; leave one out",
        ),
        (
            &["index", "arm64", "arm64_v8"],
            "arm64_v8: holds an image for linux/arm64/v8, as arm64 does; leave one out",
        ),
        (
            &["index", "amd64", "damaged"],
            "is missing; give a layout with all blobs",
        ),
        (
            &["index", "amd64", "one.json"],
            "one.json: no OCI image layout",
        ),
        (&["index", "amd64", "--tag=a b"], "tag \"a b\" is none"),
        (
            &["archive", "damaged"],
            "is missing; give a layout with all blobs",
        ),
        (
            &["archive", "index"],
            "index: holds images for linux/amd64, linux/arm64; choose one by --platform",
        ),
        (
            &["archive", "index", "--platform=linux/386"],
            "and none for linux/386",
        ),
        (
            &["archive", "empty", AMD64],
            "empty: holds no image; give one that does",
        ),
        (
            &["archive", "no_folder"],
            "cannot read no_folder/blobs/sha256/",
        ),
        (
            &["archive", "amd64", "--repo-tag=x"],
            "\"x\" names no image",
        ),
        (&["archive", "one.json"], "one.json: no OCI image layout"),
    ] {
        refused(
            &folder,
            &folder.tool(&[arguments, &["--output=output"]].concat()),
            problem,
        );
    }
}
