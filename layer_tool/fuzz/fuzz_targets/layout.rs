//! OCI image layouts: whatever JSON stands in one, looking for its images ends.
#![no_main]

use layer_tool::digest::Digest;
use layer_tool::oci::layout::{Choice, Layout};
use std::fs;

/// What is written `@1` in a file is the digest of the first file after it, and so on: no fuzzer
/// finds a digest.
fn with_digests(text: &str, digests: &[String]) -> String {
    (1..)
        .zip(digests)
        .fold(text.to_owned(), |text, (number, digest)| {
            text.replace(&format!("@{number}"), digest)
        })
}

// The index, and after it blobs, with a zero between each two.
libfuzzer_sys::fuzz_target!(|files: &str| {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = folder.path().join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a folder");
    fs::write(
        folder.path().join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )
    .expect("a file");
    // Of those after the one at hand, nearest first.
    let mut digests: Vec<String> = Vec::new();
    let mut index = String::new();
    for file in files.split('\0').take(9).collect::<Vec<_>>().iter().rev() {
        index = with_digests(file, &digests);
        let digest = Digest::of(index.as_bytes());
        fs::write(blobs.join(digest.digits()), &index).expect("a file");
        digests.insert(0, digest.as_str().to_owned());
    }
    fs::write(folder.path().join("index.json"), index).expect("a file");

    let Ok(layout) = Layout::open(folder.path()) else {
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
});
