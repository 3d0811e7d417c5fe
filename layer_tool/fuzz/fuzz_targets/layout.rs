//! OCI image layouts: whatever JSON stands in one, looking for its images ends.
#![no_main]

use image::oci::layout::{Choice, Layout};
use image::oci::Index;
use layer::digest::Digest;
use layer_tool_fuzz::directory;
use std::collections::VecDeque;
use std::fs;

/// What is written `@1` in a file is the digest of the first file after it, `~1` its size, and so
/// on: no fuzzer finds a digest.
fn with_digests(text: &str, files: &[(Digest, usize)]) -> String {
    (1..)
        .zip(files)
        .fold(text.to_owned(), |text, (number, (digest, size))| {
            text.replace(&format!("@{number}"), digest.as_str())
                .replace(&format!("~{number}"), &size.to_string())
        })
}

// The index, and after it blobs, with a zero between each two.
libfuzzer_sys::fuzz_target!(|input: &str| {
    // Those after the one at hand, nearest first.
    let mut blobs: VecDeque<(Digest, String)> = VecDeque::new();
    let mut known: VecDeque<(Digest, usize)> = VecDeque::new();
    for file in input.split('\0').take(9).collect::<Vec<_>>().iter().rev() {
        let text = with_digests(file, known.make_contiguous());
        let digest = Digest::of(text.as_bytes());
        known.push_front((digest.clone(), text.len()));
        blobs.push_front((digest, text));
    }
    let index = blobs.front().map_or("", |(_, text)| text);
    // Nothing else is read where this is none.
    if serde_json::from_str::<Index>(index).is_err() {
        return;
    }
    let directory = directory().join("blobs/sha256");
    if !directory.exists() {
        fs::create_dir_all(&directory).expect("a directory");
        write("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    }
    write("index.json", index);
    for (digest, text) in &blobs {
        fs::write(directory.join(digest.digits()), text).expect("a file");
    }
    look();
    for (digest, _) in blobs {
        // Two may be one.
        let _ = fs::remove_file(directory.join(digest.digits()));
    }
});

fn write(name: &str, text: &str) {
    fs::write(directory().join(name), text).expect("a file");
}

fn look() {
    let Ok(layout) = Layout::open(directory()) else {
        return;
    };
    let Ok(images) = layout.images() else {
        return;
    };
    for image in images {
        let choice = Choice {
            platform: Some(image.platform.clone()),
            tag: None,
        };
        let _ = layout.image(&choice);
        for (number, layer) in (1..).zip(&image.manifest.layers) {
            let _ = layout.layer(number, layer);
        }
    }
}
