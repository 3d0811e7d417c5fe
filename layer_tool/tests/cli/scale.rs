//! Big layers, and runs that are killed.

use crate::directory::{tool, Directory};
use std::fmt::Write as _;
use std::fs::File;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Runs `layer` with no more memory, in KiB, than is given; all that is mapped counts, also
/// the stacks of the threads.
fn layer_within(directory: &Directory, kib: u32, compression: &str) {
    let script = r#"
        ulimit -v "$1" || exit 77
        exec "$0" layer --manifest=m --output=layer --metadata=json --threads=2 --compress="$2""#;
    let (tool, kib) = (tool(), kib.to_string());
    let tool = tool.to_str().expect("text");
    directory
        .run("bash", &["-c", script, tool, &kib, compression])
        .text();
}

fn metadata(directory: &Directory) -> serde_json::Value {
    serde_json::from_slice(&directory.read("json")).expect("metadata")
}

#[test]
fn memory_is_not_that_of_a_big_file() {
    let directory = Directory::new(&[("m", b"./a contents=big\n")]);
    let size = 1 << 30;
    File::create(directory.path("big"))
        .and_then(|file| file.set_len(size))
        .expect("a sparse file");
    for compression in ["gzip", "zstd"] {
        layer_within(&directory, 768 << 10, compression);
        // A header, the file and the two blocks of the end.
        assert_eq!(metadata(&directory)["uncompressed_size"], size + 3 * 512);
    }
}

#[test]
fn many_files_need_little_memory_each() {
    let directory = Directory::new(&[("file", b"x")]);
    let count = 200_000;
    let mut manifest = String::new();
    for number in 0..count {
        let (directory, file) = (number / 1000, number % 1000);
        let _ = writeln!(
            manifest,
            "./a/directory_{directory:04}/file_{file:03} contents=file"
        );
    }
    directory.write("m", manifest.as_bytes());
    layer_within(&directory, 768 << 10, "gzip");
    let metadata = metadata(&directory);
    assert_eq!(metadata["files"], count);
    assert_eq!(metadata["entries"], count + 201);
    assert_eq!(metadata["uncompressed_size"], (2 * count + 201 + 2) * 512);
}

/// As paths share what they begin with, so do the directories above them.
#[test]
fn deep_paths_need_little_memory_each() {
    let directory = Directory::new(&[]);
    let mut manifest = String::new();
    for number in 0..32 {
        let _ = writeln!(manifest, "./{number:02}/{}f size=0", "d/".repeat(2046));
    }
    directory.write("m", manifest.as_bytes());
    layer_within(&directory, 256 << 10, "none");
    let metadata = metadata(&directory);
    assert_eq!(metadata["files"], 32);
    assert_eq!(metadata["entries"], 32 * 2048);
}

#[test]
fn a_killed_run_leaves_no_layer() {
    for compression in crate::layer::COMPRESSIONS {
        let directory = Directory::new(&[("m", b"./a contents=big\n")]);
        File::create(directory.path("big"))
            .and_then(|file| file.set_len(64 << 30))
            .expect("a sparse file");
        let before = directory.names();
        let mut run = Command::new(tool())
            .args(["layer", "--manifest=m", "--output=layer", "--metadata=json"])
            .args(["--compress", compression])
            .current_dir(directory.path(""))
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        // Its output has no name to wait for.
        thread::sleep(Duration::from_millis(300));
        run.kill().expect("to kill it");
        assert!(!run.wait().expect("its end").success());
        assert_eq!(directory.names(), before);
    }
}
