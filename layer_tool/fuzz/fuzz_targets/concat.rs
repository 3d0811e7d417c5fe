//! Fragments: whatever their sidecars say, putting them together ends, and nothing is left of what fails.
#![no_main]

use layer_tool::compress::Compression;
use layer_tool::concat::{self, Options};
use layer_tool::sidecar::Sidecar;
use std::fs;

// A sidecar, a zero, and the fragment.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|&byte| byte == 0);
    let (json, fragment) = input.split_at(end.unwrap_or(input.len()));
    let Ok(mut sidecar) = serde_json::from_slice::<Sidecar>(json) else {
        return;
    };
    sidecar.seal.clear();
    let sidecar = sidecar.sealed();
    let compression = match &*sidecar.form.compression {
        "gzip" => Compression::Gzip,
        "zstd" => Compression::Zstd,
        _ => Compression::None,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let [part, json, layer, metadata] =
        ["part", "part.json", "layer", "layer.json"].map(|name| folder.path().join(name));
    fs::write(&part, fragment.get(1..).unwrap_or_default()).expect("a file");
    fs::write(&json, serde_json::to_vec(&sidecar).expect("JSON")).expect("a file");
    let written = concat::write(&Options {
        name: String::new(),
        fragments: vec![(part, json)],
        output: Some(layer.clone()),
        metadata: Some(metadata.clone()),
        compression,
        level: sidecar.form.level,
        threads: 1,
        diff_id: true,
    });
    assert_eq!(layer.exists(), written.is_ok());
    assert_eq!(metadata.exists(), written.is_ok());
    assert_eq!(
        fs::read_dir(folder.path()).expect("a folder").count(),
        2 + 2 * usize::from(written.is_ok())
    );
});
