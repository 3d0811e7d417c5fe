//! OCI image layouts: whatever JSON stands in one, looking for its images ends.
#![no_main]

use layer_tool::digest::Digest;
use layer_tool::oci::layout::{Choice, Layout};
use layer_tool_fuzz::folder;
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
    let blobs = folder().join("blobs/sha256");
    if !blobs.exists() {
        fs::create_dir_all(&blobs).expect("a folder");
        fs::write(
            folder().join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .expect("a file");
    }
    // Those after the one at hand, nearest first.
    let mut files: VecDeque<(Digest, usize)> = VecDeque::new();
    let mut index = String::new();
    for file in input.split('\0').take(9).collect::<Vec<_>>().iter().rev() {
        index = with_digests(file, files.make_contiguous());
        let digest = Digest::of(index.as_bytes());
        fs::write(blobs.join(digest.digits()), &index).expect("a file");
        files.push_front((digest, index.len()));
    }
    fs::write(folder().join("index.json"), index).expect("a file");
    look();
    for (digest, _) in files {
        // Two may be one.
        let _ = fs::remove_file(blobs.join(digest.digits()));
    }
});

fn look() {
    let Ok(layout) = Layout::open(folder()) else {
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
