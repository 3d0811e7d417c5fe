//! Whole images.

use crate::directory::{Answer, Directory};
use crate::layer::sha256;
use serde_json::{json, Value};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

/// A directory with a layer of each name, `NAME.tar` and its metadata `NAME.json`.
fn directory(names: &[&str], compress: &str) -> Directory {
    let directory = Directory::new(&[]);
    for name in names {
        directory
            .layer(
                &format!("./{name} size=0\n"),
                &["--compress", compress, "--name", name],
            )
            .text();
        fs::rename(
            directory.path("layer"),
            directory.path(format!("{name}.tar")),
        )
        .expect("a layer");
        fs::rename(
            directory.path("json"),
            directory.path(format!("{name}.json")),
        )
        .expect("metadata");
    }
    directory
}

pub fn image(directory: &Directory, output: &str, names: &[&str], arguments: &[&str]) -> Answer {
    let mut all = vec!["image".to_owned(), format!("--output={output}")];
    for name in names {
        all.extend([
            format!("--metadata={name}.json"),
            format!("--layer={name}.tar"),
        ]);
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    directory.tool(&[&all[..], arguments].concat())
}

const AMD64: &str = "--platform=linux/amd64";

/// The file's name of a blob.
fn hex(bytes: &[u8]) -> String {
    sha256(bytes).replace("sha256:", "")
}

pub fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

fn blob(directory: &Directory, layout: &str, digest: &Value) -> Vec<u8> {
    let name = digest
        .as_str()
        .and_then(|digest| digest.strip_prefix("sha256:"));
    let bytes = directory.read(&format!(
        "{layout}/blobs/sha256/{}",
        name.expect("a digest")
    ));
    assert_eq!(sha256(&bytes), digest.as_str().expect("text"));
    bytes
}

/// `index.json`, the manifest and the configuration of a layout of one image.
pub fn read(directory: &Directory, layout: &str) -> [Value; 3] {
    assert_eq!(
        json(&directory.read(&format!("{layout}/oci-layout"))),
        json!({"imageLayoutVersion": "1.0.0"})
    );
    let index = json(&directory.read(&format!("{layout}/index.json")));
    let manifest = json(&blob(directory, layout, &index["manifests"][0]["digest"]));
    let config = json(&blob(directory, layout, &manifest["config"]["digest"]));
    [index, manifest, config]
}

#[test]
fn every_byte_of_an_image() {
    for (compress, suffix) in [("gzip", "+gzip"), ("zstd", "+zstd"), ("none", "")] {
        let directory = directory(&["one", "two"], compress);
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
        image(&directory, "image", &["one", "two"], &arguments).text();
        let metadata = ["one", "two"].map(|name| json(&directory.read(&format!("{name}.json"))));
        let layer = |n: usize| {
            json!({"mediaType": format!("application/vnd.oci.image.layer.v1.tar{suffix}"),
                   "digest": metadata[n]["digest"], "size": metadata[n]["size"]})
        };
        let [index, manifest, config] = read(&directory, "image");
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
        let bytes = blob(&directory, "image", &manifest["config"]["digest"]);
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
        let bytes = blob(&directory, "image", &index["manifests"][0]["digest"]);
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
        assert_eq!(directory.read("digest"), format!("{digest}\n").as_bytes());
        assert_eq!(
            directory.tool(&["digest", "image"]).text(),
            format!("{digest}\n")
        );
        for name in ["one", "two"] {
            let metadata = json(&directory.read(&format!("{name}.json")));
            let copied = blob(&directory, "image", &metadata["digest"]);
            assert!(copied == directory.read(&format!("{name}.tar")));
        }
        // Four blobs, and nothing else.
        assert_eq!(
            fs::read_dir(directory.path("image/blobs/sha256"))
                .expect("blobs")
                .count(),
            4
        );

        // The same again, and sparse.
        image(&directory, "again", &["one", "two"], &arguments).text();
        assert_eq!(
            read(&directory, "again"),
            [index.clone(), manifest.clone(), config.clone()]
        );
        let sparse = [
            "image",
            "--output=sparse",
            "--sparse",
            "--metadata=one.json",
            "--metadata=two.json",
        ];
        directory.tool(&[&sparse[..], &arguments].concat()).text();
        assert_eq!(read(&directory, "sparse"), [index, manifest, config]);
        assert_eq!(
            fs::read_dir(directory.path("sparse/blobs/sha256"))
                .expect("blobs")
                .count(),
            2
        );
    }
}

/// A base whose every field is set.
fn base(directory: &Directory) {
    image(
        directory,
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
    let directory = directory(&["one", "two"], "gzip");
    base(&directory);
    let [index, below, old] = read(&directory, "base");
    image(&directory, "same", &["two"], &["--base=base"]).text();
    let [_, manifest, config] = read(&directory, "same");
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
    image(&directory, "other", &["two"], &changes).text();
    assert_eq!(
        read(&directory, "other")[2]["config"],
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
    image(&directory, "cmd", &["two"], &["--base=base", "--cmd=two"]).text();
    let config = &read(&directory, "cmd")[2]["config"];
    assert_eq!(
        (&config["Entrypoint"], &config["Cmd"]),
        (&json!(["/init"]), &json!(["two"]))
    );
}

/// Media types and a configuration as Docker writes them; no history.
#[test]
fn a_base_of_docker() {
    let directory = directory(&["one", "two"], "gzip");
    base(&directory);
    let [mut index, mut manifest, mut config] = read(&directory, "base");
    let add = |value: &Value| {
        let bytes = value.to_string().into_bytes();
        directory.write(&format!("base/blobs/sha256/{}", hex(&bytes)), &bytes);
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
    directory.write("base/index.json", index.to_string().as_bytes());

    image(
        &directory,
        "image",
        &["two"],
        &["--base=base", "--platform=linux/arm64"],
    )
    .text();
    let [_, manifest, config] = read(&directory, "image");
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
    let directory = directory(&["one"], "gzip");
    // As editors of Windows write it.
    directory.write("pairs", b"\xef\xbb\xbfA=file=1\r\n\nB=\nC=3\nC=4");
    let arguments = [
        AMD64,
        "--annotation-file=pairs",
        "--annotation=A=given",
        "--env-file=pairs",
        "--env=A=given",
        "--env=D=5",
        "--label-file=pairs",
    ];
    image(&directory, "image", &["one"], &arguments).text();
    let [_, manifest, config] = read(&directory, "image");
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

    directory.write("bad", b"A=1\n=2\n");
    for flag in ["annotation", "env", "label"] {
        let flag = format!("--{flag}-file=bad");
        image(&directory, "other", &["one"], &[AMD64, &flag])
            .expect_refusal(&[1], "bad: line 2, \"=2\", is not a pair; write NAME=VALUE");
        assert!(!directory.path("other").exists());
    }
}

#[test]
fn the_interpreter_is_found_by_path() {
    const DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let directory = directory(&["one", "two"], "gzip");
    for (name, path) in [("without", None), ("with", Some("--env=PATH=/bin"))] {
        let arguments: Vec<_> = [AMD64].into_iter().chain(path).collect();
        image(&directory, name, &["one"], &arguments).text();
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
        image(&directory, &output, &["two"], &arguments).text();
        assert_eq!(
            read(&directory, &output)[2]["config"]["Env"],
            env,
            "{number}"
        );
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
        let directory = directory(&["one"], "gzip");
        directory.write("launcher", launcher.as_bytes());
        let start = [
            AMD64,
            "--launcher=launcher",
            "--python=/python",
            "--entrypoint=/app",
        ];
        image(&directory, "image", &["one"], &start).text();
        assert_eq!(
            read(&directory, "image")[2]["config"]["Entrypoint"],
            entrypoint,
            "{launcher}"
        );

        // Without words of its own the entrypoint is the interpreter or nothing, not that of the
        // base.
        base(&directory);
        let start = [
            "--base=base",
            "--launcher=launcher",
            "--python=/python",
            "--cmd=/app",
        ];
        fs::rename(directory.path("one.tar"), directory.path("two.tar")).expect("a layer");
        directory.layer("./x size=0\n", &[]).text();
        fs::rename(directory.path("json"), directory.path("two.json")).expect("metadata");
        fs::rename(directory.path("layer"), directory.path("two.tar")).expect("a layer");
        image(&directory, "other", &["two"], &start).text();
        let words = entrypoint.as_array().expect("words");
        let config = &read(&directory, "other")[2]["config"];
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
    let directory = directory(&["one", "two"], "gzip");
    fs::set_permissions(directory.path("one.tar"), fs::Permissions::from_mode(0o555))
        .expect("a mode");
    fs::rename(directory.path("one.tar"), directory.path("real")).expect("a layer");
    std::os::unix::fs::symlink("real", directory.path("one.tar")).expect("a link");
    image(&directory, "image", &["one", "two"], &[AMD64]).text();
    let inode = |path: &str| fs::metadata(directory.path(path)).expect("a file").ino();
    let in_image = |name: &str| {
        let digest = hex(&directory.read(&format!("{name}.tar")));
        inode(&format!("image/blobs/sha256/{digest}"))
    };
    assert_eq!(in_image("one"), inode("real"));
    assert_ne!(in_image("two"), inode("two.tar"));
    let modes = fs::metadata(directory.path("image"))
        .expect("a directory")
        .permissions()
        .mode();
    assert_eq!(modes & 0o700, 0o700);
    assert_eq!(modes & 0o055, 0o055, "others may read it");
}

#[test]
fn an_empty_directory_gives_way_and_empty_layers_are_left_out() {
    let directory = directory(&["one"], "gzip");
    directory.layer("", &["--name=empty"]).text();
    fs::copy(directory.path("layer"), directory.path("empty.tar")).expect("a layer");
    fs::copy(directory.path("json"), directory.path("empty.json")).expect("metadata");
    fs::create_dir(directory.path("image")).expect("a directory");
    image(&directory, "image", &["empty", "one", "empty"], &[AMD64]).text();
    let [_, manifest, config] = read(&directory, "image");
    assert_eq!(manifest["layers"].as_array().map(Vec::len), Some(1));
    assert_eq!(config["history"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_index_by_platform() {
    let directory = directory(&["one", "two"], "gzip");
    image(
        &directory,
        "amd64",
        &["one"],
        &[AMD64, "--tag=x", "--repo-tag=x:y"],
    )
    .text();
    image(
        &directory,
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
    directory
        .tool(&[&arguments[..], &["--output=index", "--digest=digest"]].concat())
        .text();
    let outer = json(&directory.read("index/index.json"));
    let bytes = blob(&directory, "index", &outer["manifests"][0]["digest"]);
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
        let mut manifest =
            json(&directory.read(&format!("{name}/index.json")))["manifests"][0].take();
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
        directory.read("digest"),
        format!("{}\n", sha256(&bytes)).as_bytes()
    );
    // An index, two manifests, two configurations, and two layers, one of them of both.
    assert_eq!(
        fs::read_dir(directory.path("index/blobs/sha256"))
            .expect("blobs")
            .count(),
        7
    );

    for (name, layout) in [("amd64", "sparse_amd64"), ("arm64", "sparse_arm64")] {
        fs::create_dir_all(directory.path(layout)).expect("a directory");
        directory
            .run("cp", &["-r", &format!("{name}/."), layout])
            .text();
        for layer in ["one", "two"] {
            let digest = hex(&directory.read(&format!("{layer}.tar")));
            let _ = fs::remove_file(directory.path(format!("{layout}/blobs/sha256/{digest}")));
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
    directory
        .tool(&[&sparse[..], &["--output=sparse", "--sparse"]].concat())
        .text();
    assert!(directory.read("sparse/index.json") == directory.read("index/index.json"));
    assert_eq!(
        fs::read_dir(directory.path("sparse/blobs/sha256"))
            .expect("blobs")
            .count(),
        5
    );

    // As a base, the image for the platform is taken.
    directory.layer("./three size=0\n", &[]).text();
    fs::rename(directory.path("layer"), directory.path("three.tar")).expect("a layer");
    fs::rename(directory.path("json"), directory.path("three.json")).expect("metadata");
    image(
        &directory,
        "image",
        &["three"],
        &["--base=index", "--platform=linux/arm64"],
    )
    .text();
    let [_, above, config] = read(&directory, "image");
    assert_eq!(config["architecture"], "arm64");
    assert_eq!(above["layers"].as_array().map(Vec::len), Some(3));
}

#[test]
fn docker_archives() {
    for (compress, extension) in [("gzip", ".tar.gz"), ("zstd", ".tar.zst"), ("none", ".tar")] {
        let directory = directory(&["one", "two"], compress);
        image(
            &directory,
            "image",
            &["one", "two"],
            &[AMD64, "--repo-tag=a/b:v1"],
        )
        .text();
        directory
            .tool(&["archive", "image", "--output=a.tar"])
            .text();
        let [_, manifest, _] = read(&directory, "image");
        let name = |digest: &Value| digest.as_str().expect("text").replace("sha256:", "");
        let layers: Vec<_> = [0, 1]
            .map(|n| name(&manifest["layers"][n]["digest"]) + extension)
            .into();
        let config = name(&manifest["config"]["digest"]) + ".json";
        let list = directory.run("tar", &["-tf", "a.tar"]).text();
        assert_eq!(
            list.lines().collect::<Vec<_>>(),
            ["manifest.json", &config, &layers[0], &layers[1]]
        );
        let list = directory.run("tar", &["-tvf", "a.tar"]).text();
        assert!(
            list.lines().all(|line| line.starts_with("-rw-r--r-- 0/0 ")),
            "{list}"
        );
        let listed = directory
            .run("tar", &["-xOf", "a.tar", "manifest.json"])
            .text();
        assert_eq!(
            json(listed.as_bytes()),
            json!([{"Config": config, "RepoTags": ["a/b:v1"], "Layers": layers}])
        );
        assert_eq!(
            directory.run("tar", &["-xOf", "a.tar", &layers[1]]).stdout,
            directory.read("two.tar")
        );
        let other = [
            "archive",
            "image",
            "--output=-",
            "--repo-tag=c:1",
            "--repo-tag=d:2",
        ];
        directory.write("b.tar", &directory.tool(&other).stdout);
        let listed = directory
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
    let directory = directory(&["one"], "gzip");
    image(&directory, "amd64", &["one"], &[AMD64]).text();
    image(&directory, "arm64", &["one"], &["--platform=linux/arm64"]).text();
    directory
        .tool(&[
            "index",
            "amd64",
            "arm64",
            "--output=index",
            "--repo-tag=a:b",
        ])
        .text();
    directory
        .tool(&["archive", "amd64", "--output=amd64.tar", "--repo-tag=a:b"])
        .text();
    directory
        .tool(&["archive", "arm64", "--output=arm64.tar", "--repo-tag=a:b"])
        .text();
    let machine = if cfg!(target_arch = "x86_64") {
        "amd64.tar"
    } else {
        "arm64.tar"
    };

    let program = |name: &str, script: &str| {
        directory.write(name, format!("#!/bin/sh\n{script}\n").as_bytes());
        fs::set_permissions(directory.path(name), fs::Permissions::from_mode(0o755))
            .expect("a mode");
    };
    let load = |path: &str, arguments: &[&str]| {
        let tool = crate::directory::tool();
        let path = format!("PATH={}/{path}:/nowhere", directory.path(".").display());
        let all = [&path, tool.to_str().expect("text"), "load", "index"];
        directory.run("/usr/bin/env", &[&all[..], arguments].concat())
    };
    program(
        "both/docker",
        "[ \"$*\" = load ] && /bin/cat >docker.tar && echo Loaded",
    );
    program("both/podman", "exit 1");
    program("podman/podman", "[ \"$*\" = load ] && /bin/cat >podman.tar");
    program("failing/docker", "echo no daemon >&2; exit 3");
    directory.write("other/docker", b"no program");

    assert_eq!(load("both", &[]).text(), "Loaded\n");
    assert!(directory.read("docker.tar") == directory.read(machine));
    load("podman", &["--platform=linux/arm64"]).text();
    assert!(directory.read("podman.tar") == directory.read("arm64.tar"));
    let with = directory.path("podman/podman");
    load(
        "failing",
        &[
            "--platform=linux/amd64",
            "--with",
            with.to_str().expect("text"),
        ],
    )
    .text();
    assert!(directory.read("podman.tar") == directory.read("amd64.tar"));
    // The one image of a layout, whatever it is for.
    for name in ["amd64", "arm64"] {
        let with = directory.path("podman/podman");
        let with = with.to_str().expect("text");
        directory
            .tool(&["load", name, "--repo-tag=a:b", "--with", with])
            .text();
        assert!(directory.read("podman.tar") == directory.read(&format!("{name}.tar")));
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
    let directory = Directory::new(&[("d/a", b"content"), ("d/b", &program)]);
    for (compress, name) in [("--gzip", "gzip"), ("--zstd", "zstd"), ("", "none")] {
        let script = format!("tar -cf plain.tar ./d && tar -cf layer.tar {compress} ./d");
        directory.run("sh", &["-c", &script]).text();
        directory
            .tool(&["describe", "layer.tar", "--metadata=json", "--name=d"])
            .text();
        let suffix = if name == "none" {
            String::new()
        } else {
            format!("+{name}")
        };
        let (layer, plain) = (directory.read("layer.tar"), directory.read("plain.tar"));
        assert_eq!(
            json(&directory.read("json")),
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
        ("cut", &directory.read("plain.tar")[..700]),
    ] {
        directory.write(layer, content);
        let answer = directory.tool(&["describe", layer, "--metadata=bad"]);
        assert_eq!(answer.code, Some(1), "{layer}");
        assert!(
            answer
                .stderr
                .starts_with(&format!("layer_tool: cannot describe {layer}: ")),
            "{}",
            answer.stderr
        );
        assert!(!directory.path("bad").exists());
    }
}

fn refused(directory: &Directory, answer: &Answer, problem: &str) {
    answer.expect_refusal(&[1, 2], problem);
    let left: Vec<_> = directory
        .names()
        .into_iter()
        .filter(|name| name.starts_with('.') || ["output", "digest"].contains(&name.as_str()))
        .collect();
    assert!(left.is_empty(), "{problem}: {left:?} stay behind");
}

#[test]
fn bad_settings() {
    let directory = directory(&["one"], "gzip");
    directory.write("nul", b"a=b\0");
    base(&directory);
    for (argument, problem) in [
        ("--env=A", "--env \"A\" is not a variable; write NAME=VALUE"),
        ("--env==A", "--env \"=A\" is not a variable"),
        ("--entrypoint=", "--entrypoint \"\" is empty"),
        (
            "--label-file=nul",
            "nul: line 1, \"a=b\\0\", is not a pair; write NAME=VALUE",
        ),
        (
            "--user=a b",
            "--user \"a b\" is not an id or a name; write e.g. 1000",
        ),
        ("--user=a:b:c", "--user \"a:b:c\" is not an id or a name"),
        ("--tag=a/b", "tag \"a/b\" is not one that registries take"),
        ("--tag=", "tag \"\" is not one that registries take"),
        ("--repo-tag=A:b", "\"A:b\" is not the name of an image"),
        ("--repo-tag=a", "\"a\" is not the name of an image"),
        ("--workdir=a", "--workdir \"a\" is not an absolute path"),
        (
            "--volume=a",
            "--volume \"a\" is not an absolute path; begin it with /",
        ),
        (
            "--exposed-port=http",
            "--exposed-port \"http\" is not a port",
        ),
        (
            "--base=missing",
            "missing: not an OCI image layout (the file oci-layout is missing)",
        ),
        (
            "--base=base/blobs",
            "base/blobs: not an OCI image layout (the file oci-layout is missing)",
        ),
        (
            "--metadata=one.tar",
            "1 --layer, but 2 --metadata; give one layer for each",
        ),
    ] {
        let answer = image(
            &directory,
            "output",
            &["one"],
            &[AMD64, "--digest=digest", argument],
        );
        refused(&directory, &answer, problem);
    }
    let none = image(&directory, "output", &["one"], &["--digest=digest"]);
    refused(
        &directory,
        &none,
        "an image without a base needs its platform; give --platform",
    );
    let none = image(&directory, "output", &[], &[AMD64]);
    refused(
        &directory,
        &none,
        "an image without a base needs a layer that is not empty",
    );
    let there = image(&directory, "base", &["one"], &[AMD64, "--digest=digest"]);
    refused(
        &directory,
        &there,
        "base: is not an empty directory, so a layout cannot replace it",
    );
    directory.write("file", b"");
    let there = image(&directory, "file", &["one"], &[AMD64]);
    refused(&directory, &there, "file: is not an empty directory");
    let nowhere = image(&directory, "no/where", &["one"], &[AMD64]);
    refused(
        &directory,
        &nowhere,
        "cannot write no/where: No such file or directory",
    );
    let digest = image(&directory, "output", &["one"], &[AMD64, "--digest=base"]);
    refused(&directory, &digest, "base: is a directory");
}

/// An image on one with the same interpreter, say: what lies between may have changed its files.
#[test]
fn a_layer_that_is_below_already_is_put_on_top_again() {
    let directory = directory(&["one", "two"], "gzip");
    image(&directory, "base", &["one", "two"], &[AMD64]).text();
    image(
        &directory,
        "output",
        &["one", "two", "one"],
        &["--base=base"],
    )
    .text();
    let [_, manifest, config] = read(&directory, "output");
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
    let blobs = fs::read_dir(directory.path("output/blobs/sha256")).expect("blobs");
    assert_eq!(blobs.count(), 4);
    directory
        .tool(&["archive", "output", "--output=tar"])
        .text();
    let list = directory.run("tar", &["-tf", "tar"]).text();
    assert_eq!(list.lines().count(), 4, "{list}");
}

#[test]
fn bad_layers_and_bases() {
    let directory = directory(&["one", "two"], "gzip");
    base(&directory);
    let refuse = |names: &[&str], arguments: &[&str], problem: &str| {
        let arguments = [&["--digest=digest"], arguments].concat();
        refused(
            &directory,
            &image(&directory, "output", names, &arguments),
            problem,
        );
    };
    refuse(
        &["two"],
        &["--base=base", AMD64],
        "base: holds an image for linux/arm64/v8, and none for linux/amd64; give a layout with that platform",
    );
    refuse(
        &["two", "missing"],
        &[AMD64],
        "cannot read missing.json: No such file or directory",
    );
    directory.write("missing.json", &directory.read("two.json"));
    refuse(
        &["missing"],
        &[AMD64],
        "cannot read missing.tar: No such file or directory",
    );
    directory.write("missing.tar", b"cut");
    refuse(
        &["missing"],
        &[AMD64],
        "missing.tar: has 3 bytes, but missing.json says ",
    );
    let mut metadata = json(&directory.read("two.json"));
    metadata
        .as_object_mut()
        .expect("an object")
        .remove("diff_id");
    directory.write("missing.json", metadata.to_string().as_bytes());
    refuse(
        &["missing"],
        &[AMD64],
        "missing.json: has no diff_id, which an image needs",
    );

    let [index, manifest, _] = read(&directory, "base");
    let damage = |digest: &Value, content: Option<&[u8]>, problem: &str| {
        directory.run("cp", &["-r", "base", "damaged"]).text();
        let name = digest
            .as_str()
            .expect("text")
            .replace("sha256:", "damaged/blobs/sha256/");
        match content {
            Some(content) => directory.write(&name, content),
            None => fs::remove_file(directory.path(&name)).expect("a blob"),
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
                directory.tool(&[&all[..], arguments].concat())
            } else {
                image(
                    &directory,
                    "output",
                    &["two"],
                    &[&["--digest=digest"], arguments].concat(),
                )
            };
            refused(&directory, &answer, problem);
        }
        fs::remove_dir_all(directory.path("damaged")).expect("a directory");
    };
    let image = &index["manifests"][0]["digest"];
    let layer = &manifest["layers"][0]["digest"];
    for digest in [image, &manifest["config"]["digest"], layer] {
        let missing = format!(
            "damaged: blob {} is missing",
            digest.as_str().expect("text")
        );
        damage(digest, None, &missing);
        damage(digest, Some(b"short"), "has 5 bytes instead of ");
    }
    let other = vec![b'x'; index["manifests"][0]["size"].as_u64().expect("a size") as usize];
    damage(
        image,
        Some(&other),
        "is not what its digest says; fetch or build it again",
    );

    directory.write("layout/oci-layout", b"{\"imageLayoutVersion\": \"2.0.0\"}");
    directory.write(
        "layout/index.json",
        b"{\"schemaVersion\": 2, \"manifests\": []}",
    );
    refuse(
        &["two"],
        &["--base=layout"],
        "layout: not an OCI image layout (version \"2.0.0\")",
    );
    directory.write("layout/oci-layout", b"{\"imageLayoutVersion\": \"1.0.0\"}");
    refuse(&["two"], &["--base=layout"], "layout: holds no image");
    directory.write("layout/index.json", b"[]");
    refuse(
        &["two"],
        &["--base=layout"],
        "layout/index.json: not an OCI image layout (",
    );
    // A digest that leads elsewhere.
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:../../../one.json", "size": 1}]});
    directory.write("layout/index.json", index.to_string().as_bytes());
    refuse(
        &["two"],
        &["--base=layout"],
        "layout/index.json: not an OCI image layout (\"sha256:../../../one.json\" is not a SHA-256 digest",
    );
}

/// Metadata is of this program or of others: what is no digest, media type or size is refused.
#[test]
fn metadata_that_cannot_be() {
    let directory = directory(&["one"], "gzip");
    let digest = format!("sha256:{}", "A".repeat(64));
    for (field, value, problem) in [
        ("digest", json!("sha256:zz"), "\"sha256:zz\" is not a SHA-256 digest at line "),
        ("digest", json!(digest), "is not a SHA-256 digest at line "),
        ("digest", json!("sha256:../../one.json"), "\"sha256:../../one.json\" is not a SHA-256 digest"),
        ("diff_id", json!("sha256:"), "\"sha256:\" is not a SHA-256 digest at line "),
        ("diff_id", json!(1), "invalid type: integer `1`"),
        (
            "media_type",
            json!("text/plain"),
            "the media type \"text/plain\" is not that of a layer; use one of application/vnd.oci.image.layer.v1.tar+gzip, ",
        ),
        (
            "media_type",
            json!("application/vnd.oci.image.layer.v1.tar"),
            "the media type \"application/vnd.oci.image.layer.v1.tar\" does not fit the compression \"gzip\"",
        ),
        ("compression", json!("bzip2"), "unknown variant `bzip2`, expected one of `gzip`, `zstd`, `none`"),
        ("size", json!(u64::MAX), "18446744073709551615 bytes are more than a size can be, 9223372036854775807"),
        ("size", json!(-1), "invalid value: integer `-1`"),
    ] {
        let mut metadata = json(&directory.read("one.json"));
        metadata[field] = value;
        directory.write("bad.json", metadata.to_string().as_bytes());
        for arguments in [
            &["--layer=one.tar"][..],
            &["--layer=one.tar", "--trust-layers"],
            &["--sparse"],
        ] {
            let all = ["image", "--output=output", "--digest=digest", AMD64, "--metadata=bad.json"];
            let answer = directory.tool(&[&all[..], arguments].concat());
            refused(&directory, &answer, "bad.json: not the metadata of a layer (");
            refused(&directory, &answer, problem);
            refused(&directory, &answer, "; give a file that `layer --metadata` wrote");
        }
    }
}

/// What metadata says of a layer is read off it, unless the build system vouches for it.
#[test]
fn metadata_of_another_layer() {
    let directory = directory(&["one"], "gzip");
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
        let mut metadata = json(&directory.read("one.json"));
        for (field, value) in fields.as_object().expect("an object") {
            metadata[field] = value.clone();
        }
        directory.write("bad.json", metadata.to_string().as_bytes());
        let all = [
            "image",
            "--output=output",
            "--digest=digest",
            AMD64,
            "--metadata=bad.json",
            "--layer=one.tar",
        ];
        refused(&directory, &directory.tool(&all), problem);
    }
}

/// What is copied is read, unless the build system vouches for it.
#[test]
fn blobs_of_other_bytes() {
    let directory = directory(&["one", "two"], "gzip");
    base(&directory);
    let blob = format!("blobs/sha256/{}", hex(&directory.read("one.tar")));
    let other = vec![b'x'; directory.read("one.tar").len()];
    directory.write(&format!("base/{blob}"), &other);
    let problem = format!("base/{blob}: is not what its digest says; fetch or build it again");
    let arguments = ["--base=base", "--digest=digest"];
    for trust in [&[][..], &["--trust-layers"]] {
        let answer = image(
            &directory,
            "output",
            &["two"],
            &[&arguments[..], trust].concat(),
        );
        refused(&directory, &answer, &problem);
    }
    image(
        &directory,
        "trusted",
        &["two"],
        &["--base=base", "--trust-base"],
    )
    .text();
    image(&directory, "amd64", &["two"], &[AMD64]).text();
    let index = ["index", "base", "amd64"];
    let answer = directory.tool(&[&index[..], &["--output=output", "--digest=digest"]].concat());
    refused(&directory, &answer, &problem);
    directory
        .tool(&[&index[..], &["--output=index", "--trust-layers"]].concat())
        .text();
    refused(
        &directory,
        &directory.tool(&["archive", "base", "--output=output"]),
        &problem,
    );

    directory.write("one.tar", &other);
    let answer = image(&directory, "output", &["one"], &[AMD64, "--digest=digest"]);
    refused(
        &directory,
        &answer,
        "one.tar: is not what its digest says; fetch or build it again",
    );
    image(&directory, "vouched", &["one"], &[AMD64, "--trust-layers"]).text();
}

/// A layout whose entries of `index.json` are those of the given layouts, each with a tag.
fn tagged(directory: &Directory, output: &str, entries: &[(&str, &str)]) {
    let mut manifests = Vec::new();
    for (layout, tag) in entries {
        let from = format!("{layout}/.");
        fs::create_dir_all(directory.path(output)).expect("a directory");
        directory.run("cp", &["-r", &from, output]).text();
        let mut entry =
            json(&directory.read(&format!("{layout}/index.json")))["manifests"][0].take();
        entry["annotations"] = json!({
            "org.opencontainers.image.ref.name": tag,
            "io.containerd.image.name": format!("names/{tag}:1"),
        });
        manifests.push(entry);
    }
    let index = json!({"schemaVersion": 2, "manifests": manifests});
    directory.write(
        &format!("{output}/index.json"),
        index.to_string().as_bytes(),
    );
}

#[test]
fn several_images_of_one_platform() {
    let directory = directory(&["one", "two", "three"], "gzip");
    image(&directory, "a", &["one"], &[AMD64]).text();
    image(&directory, "b", &["two"], &[AMD64]).text();
    image(&directory, "c", &["one"], &["--platform=linux/arm64"]).text();
    tagged(
        &directory,
        "base",
        &[("a", "x"), ("b", "y"), ("c", "x"), ("a", "z")],
    );
    let digest = |layout: &str| directory.tool(&["digest", layout]).text().trim().to_owned();
    let several = format!(
        "base: holds 2 images that match: {} (linux/amd64, with the tag x, z), {} (linux/amd64, \
         with the tag y); choose one by its tag (`base_tag` of an image, `--base-tag` of this program \
         for a base, else `--tag`), or give a layout of one",
        digest("a"),
        digest("b")
    );
    let refuse = |arguments: &[&str], problem: &str| {
        let all = [&["--base=base", "--digest=digest"], arguments].concat();
        refused(
            &directory,
            &image(&directory, "output", &["three"], &all),
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
        image(
            &directory,
            &output,
            &["three"],
            &["--base=base", AMD64, &tag],
        )
        .text();
        assert_eq!(
            read(&directory, &output)[1]["annotations"]["org.opencontainers.image.base.digest"],
            digest(layout)
        );
    }

    // An image has its own names, and no others of its layout.
    refused(
        &directory,
        &directory.tool(&["archive", "base", AMD64, "--output=output"]),
        &several,
    );
    let names = |arguments: &[&str]| {
        let all = [&["archive", "base", "--output=names.tar"], arguments].concat();
        directory.tool(&all).text();
        let listed = directory
            .run("tar", &["-xOf", "names.tar", "manifest.json"])
            .text();
        json(listed.as_bytes())[0]["RepoTags"].take()
    };
    assert_eq!(names(&["--platform=linux/arm64"]), json!(["names/x:1"]));
    assert_eq!(names(&[AMD64, "--tag=y"]), json!(["names/y:1"]));
    assert_eq!(names(&[AMD64, "--tag=z"]), json!(["names/z:1"]));
    tagged(&directory, "same", &[("a", "x"), ("b", "y")]);
    refused(
        &directory,
        &directory.tool(&["archive", "same", "--output=output"]),
        "same: holds 2 images that match: ",
    );
    tagged(&directory, "twice", &[("a", "x"), ("c", "y"), ("a", "z")]);
    directory
        .tool(&["archive", "twice", AMD64, "--output=names.tar"])
        .text();
    let listed = directory
        .run("tar", &["-xOf", "names.tar", "manifest.json"])
        .text();
    assert_eq!(
        json(listed.as_bytes())[0]["RepoTags"],
        json!(["names/x:1", "names/z:1"])
    );

    // Of amd64, that which asks for no newer machine; else whichever there is.
    image(&directory, "v3", &["two"], &["--platform=linux/amd64/v3"]).text();
    tagged(&directory, "variants", &[("v3", "x"), ("a", "x")]);
    image(&directory, "any", &["three"], &["--base=variants", AMD64]).text();
    assert_eq!(
        read(&directory, "any")[1]["annotations"]["org.opencontainers.image.base.digest"],
        digest("a")
    );
    image(&directory, "v3_only", &["three"], &["--base=v3", AMD64]).text();
}

/// A layout whose `index.json` leads to an image by so many indexes, each naming the next twice.
fn nested(directory: &Directory, output: &str, depth: usize) {
    directory.run("cp", &["-r", "base", output]).text();
    let mut entry = json(&directory.read("base/index.json"))["manifests"][0].take();
    for _ in 0..depth {
        let index = json!({"schemaVersion": 2, "manifests": [entry, entry]}).to_string();
        let digest = sha256(index.as_bytes());
        let name = digest.replace("sha256:", "blobs/sha256/");
        directory.write(&format!("{output}/{name}"), index.as_bytes());
        entry = json!({"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": index.len()});
    }
    let index = json!({"schemaVersion": 2, "manifests": [entry, entry]});
    directory.write(
        &format!("{output}/index.json"),
        index.to_string().as_bytes(),
    );
}

#[test]
fn indexes_in_indexes() {
    let directory = directory(&["one", "two"], "gzip");
    base(&directory);
    nested(&directory, "deep", 32);
    image(&directory, "image", &["two"], &["--base=deep"]).text();
    nested(&directory, "deeper", 33);
    let arguments = ["--base=deeper", "--digest=digest"];
    refused(
        &directory,
        &image(&directory, "output", &["two"], &arguments),
        "deeper: has indexes in indexes, more than 32 deep; give a layout whose index names its images",
    );

    // Large ones.
    let mut padded = json(&directory.read("base/index.json"));
    padded["annotations"] = json!({"padding": "x".repeat(4 << 20)});
    directory.run("cp", &["-r", "base", "large"]).text();
    directory.write("large/index.json", padded.to_string().as_bytes());
    let arguments = ["--base=large", "--digest=digest"];
    let too_large = "bytes, and registries take indexes, manifests and configurations of up to 4194304; give another image";
    refused(
        &directory,
        &image(&directory, "output", &["two"], &arguments),
        too_large,
    );
    let mut entries = Vec::new();
    for number in 0..9 {
        let index = json!({"schemaVersion": 2, "manifests": [], "annotations": {"padding": "x".repeat((4 << 20) - 100), "number": number.to_string()}}).to_string();
        let digest = sha256(index.as_bytes());
        let name = digest.replace("sha256:", "large/blobs/sha256/");
        directory.write(&name, index.as_bytes());
        entries.push(json!({"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": index.len()}));
    }
    let index = json!({"schemaVersion": 2, "manifests": entries});
    directory.write("large/index.json", index.to_string().as_bytes());
    refused(
        &directory,
        &image(&directory, "output", &["two"], &arguments),
        "large: has more than 33554432 bytes of indexes, manifests and configurations; give a layout of fewer images",
    );
}

/// A base whose manifest and configuration are changed, with the digests that this gives them.
fn changed(directory: &Directory, output: &str, change: impl Fn(&mut Value, &mut Value)) {
    directory.run("cp", &["-r", "base", output]).text();
    let [mut index, mut manifest, mut config] = read(directory, "base");
    change(&mut manifest, &mut config);
    let add = |descriptor: &mut Value, content: &Value| {
        let bytes = content.to_string().into_bytes();
        directory.write(&format!("{output}/blobs/sha256/{}", hex(&bytes)), &bytes);
        descriptor["digest"] = json!(sha256(&bytes));
        descriptor["size"] = json!(bytes.len());
    };
    add(&mut manifest["config"], &config);
    add(&mut index["manifests"][0], &manifest);
    directory.write(
        &format!("{output}/index.json"),
        index.to_string().as_bytes(),
    );
}

/// As programs in Go write what is not there, and as copies for one machine leave out the blobs of
/// images for others.
#[test]
fn bases_with_less_in_them() {
    let directory = directory(&["one", "two"], "gzip");
    base(&directory);
    changed(&directory, "nulls", |manifest, config| {
        manifest["annotations"] = Value::Null;
        manifest["layers"][0]["annotations"] = Value::Null;
        manifest["mediaType"] = Value::Null;
        config["variant"] = json!("");
    });
    let [mut index, ..] = read(&directory, "nulls");
    index["annotations"] = Value::Null;
    index["manifests"][0]["platform"] =
        json!({"architecture": "arm64", "os": "linux", "variant": ""});
    let mut missing = index["manifests"][0].clone();
    missing["digest"] = json!(format!("sha256:{}", "1".repeat(64)));
    missing["platform"] = json!({"architecture": "unknown", "os": "unknown"});
    let entries = index["manifests"].as_array_mut().expect("a list");
    entries.push(missing.clone());
    directory.write("nulls/index.json", index.to_string().as_bytes());
    for platform in [&[][..], &["--platform=linux/arm64"]] {
        let arguments = [&["--base=nulls"], platform].concat();
        image(&directory, "output", &["two"], &arguments).text();
        let [index, ..] = read(&directory, "output");
        let platform = json!({"architecture": "arm64", "os": "linux"});
        assert_eq!(index["manifests"][0]["platform"], platform);
        directory.run("rm", &["-r", "output"]).text();
    }

    missing["platform"] = json!({"architecture": "s390x", "os": "linux"});
    index["manifests"][1] = missing;
    directory.write("nulls/index.json", index.to_string().as_bytes());
    let output = "--output=a.tar";
    let arguments = ["archive", "nulls", "--repo-tag=a:b", output];
    directory.tool(&arguments).expect_refusal(
        &[1],
        "is missing; give a layout with all blobs of the image, or choose one by --platform",
    );
    for (platform, refusal) in [
        ("linux/arm64", None),
        ("linux/amd64", Some("holds no image for linux/amd64")),
    ] {
        let answer = directory.tool(&[&arguments[..], &["--platform", platform]].concat());
        match refusal {
            Some(problem) => answer.expect_refusal(&[1], problem),
            None => drop(answer.text()),
        }
    }
}

#[test]
fn bases_that_cannot_be() {
    let directory = directory(&["one", "two"], "gzip");
    base(&directory);
    for (number, (pointer, value, problem)) in [
        ("/layers/0/digest", json!("sha256:zz"), "is not a valid application/vnd.oci.image.manifest.v1+json (\"sha256:zz\" is not a SHA-256 digest"),
        ("/layers/0/mediaType", json!("text/plain"), "layer 1 has the media type \"text/plain\", which is unknown; give an image whose layers are one of "),
        ("/layers/0/size", json!(u64::MAX), "18446744073709551615 bytes are more than a size can be"),
        ("/rootfs/diff_ids/0", json!("sha256:zz"), "is not the configuration of an image (rootfs.diff_ids: \"sha256:zz\" is not a SHA-256 digest"),
        ("/rootfs/diff_ids/0", json!(7), "is not the configuration of an image (rootfs.diff_ids: invalid type: integer `7`, expected a string)"),
        ("/rootfs/diff_ids", json!([]), "the configuration of the base has 0 diff_ids for 1 layers; give another base"),
        ("/config/Env", json!([1]), "is not the configuration of an image (config.Env: invalid type: integer `1`, expected a string)"),
        ("/config/Cmd", json!("sh"), "is not the configuration of an image (config.Cmd: invalid type: string \"sh\", expected a sequence)"),
        ("/config/Labels", json!({"a": 1}), "is not the configuration of an image (config.Labels: invalid type: integer `1`, expected a string)"),
        ("/config/ExposedPorts", json!([]), "is not the configuration of an image (config.ExposedPorts: invalid type: sequence, expected a map)"),
        ("/config/Volumes", json!("/v"), "is not the configuration of an image (config.Volumes: invalid type: string \"/v\", expected a map)"),
        ("/config/WorkingDir", json!(5), "is not the configuration of an image (config.WorkingDir: invalid type: integer `5`, expected a string)"),
        ("/config/User", json!(["x"]), "is not the configuration of an image (config.User: invalid type: sequence, expected a string)"),
        ("/config/StopSignal", json!(9), "is not the configuration of an image (config.StopSignal: invalid type: integer `9`, expected a string)"),
        ("/config/ArgsEscaped", json!("yes"), "is not the configuration of an image (config.ArgsEscaped: invalid type: string \"yes\", expected a boolean)"),
        ("/config", json!([]), "is not the configuration of an image (config: invalid type: sequence, expected a map)"),
        ("/rootfs", json!("layers"), "is not the configuration of an image (rootfs: invalid type: string \"layers\", expected a map)"),
        ("/rootfs/type", json!(1), "is not the configuration of an image (rootfs.type: invalid type: integer `1`, expected a string)"),
        ("/history", json!({}), "is not the configuration of an image (history: invalid type: map, expected a sequence)"),
        ("/history/0/comment", json!(1), "is not the configuration of an image (history.comment: invalid type: integer `1`, expected a string)"),
        ("/history/0/empty_layer", json!("true"), "is not the configuration of an image (history.empty_layer: invalid type: string \"true\", expected a boolean)"),
        ("/variant", json!(8), "is not the configuration of an image (variant: invalid type: integer `8`, expected a string)"),
        ("/created", json!(0), "is not the configuration of an image (created: invalid type: integer `0`, expected a string)"),
        ("/os.features", json!("x"), "is not the configuration of an image (os.features: invalid type: string \"x\", expected a sequence)"),
    ]
    .into_iter()
    .enumerate()
    {
        let output = format!("base{number}");
        changed(&directory, &output, |manifest, config| {
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
                directory.tool(&["image", "--output=output", "--digest=digest", "--metadata=two.json", "--sparse", &output])
            } else {
                image(&directory, "output", &["two"], &["--digest=digest", &output])
            };
            refused(&directory, &answer, problem);
        }
    }
}

#[test]
fn no_more_layers_than_stores_take() {
    let names: Vec<String> = (0..128).map(|number| format!("l{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let directory = directory(&names, "none");
    image(&directory, "most", &names[..127], &[AMD64]).text();
    let problem = |below: usize| {
        format!(
            "the image has 128 layers, {below} of them of its base, and image stores take 127 at most; \
             use fewer groups in its layer_tier (or `layer_budget`) or layer_groups, or a base with fewer layers"
        )
    };
    let answer = image(&directory, "output", &names, &[AMD64, "--digest=digest"]);
    refused(&directory, &answer, &problem(0));
    let arguments = ["--base=most", "--digest=digest"];
    let answer = image(&directory, "output", &names[127..], &arguments);
    refused(&directory, &answer, &problem(127));
}

#[test]
fn bad_indexes_and_archives() {
    let directory = directory(&["one"], "gzip");
    image(&directory, "amd64", &["one"], &[AMD64]).text();
    image(&directory, "arm64", &["one"], &["--platform=linux/arm64"]).text();
    // All of arm64 is v8 unless it says otherwise.
    let v8 = ["--platform=linux/arm64/v8", "--cmd=x"];
    image(&directory, "arm64_v8", &["one"], &v8).text();
    directory
        .tool(&["index", "amd64", "arm64", "--output=index"])
        .text();
    directory.run("cp", &["-r", "arm64", "damaged"]).text();
    let digest = hex(&directory.read("one.tar"));
    fs::remove_file(directory.path(format!("damaged/blobs/sha256/{digest}"))).expect("a blob");
    let layout = |name: &str, index: &[u8]| {
        directory.write(
            &format!("{name}/oci-layout"),
            &directory.read("amd64/oci-layout"),
        );
        directory.write(&format!("{name}/index.json"), index);
    };
    layout("empty", br#"{"schemaVersion": 2, "manifests": []}"#);
    layout("no_directory", &directory.read("amd64/index.json"));
    directory.write("no_directory/blobs/sha256", b"");
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
            "one.json: not an OCI image layout",
        ),
        (
            &["index", "amd64", "--tag=a b"],
            "tag \"a b\" is not one that registries take",
        ),
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
        (&["archive", "empty", AMD64], "empty: holds no image"),
        (
            &["archive", "no_directory"],
            "cannot read no_directory/blobs/sha256/",
        ),
        (
            &["archive", "amd64", "--repo-tag=x"],
            "\"x\" is not the name of an image",
        ),
        (
            &["archive", "one.json"],
            "one.json: not an OCI image layout",
        ),
    ] {
        refused(
            &directory,
            &directory.tool(&[arguments, &["--output=output"]].concat()),
            problem,
        );
    }
}
