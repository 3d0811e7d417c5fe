//! Fragments: whatever their sidecars say, putting them together ends, and nothing is left of what
//! fails.
#![no_main]

use layer::concat::{self, Options};
use layer::sidecar::Sidecar;
use layer_tool_fuzz::directory;
use std::fs;

/// Fragments of a layer, for directories and paths that meet.
const MOST: usize = 3;

// Sidecars, a zero, and the fragment that each is of. What no fuzzer finds is as it should be: the
// seal, and a size and a checksum of 0.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|&byte| byte == 0);
    let (json, fragment) = input.split_at(end.unwrap_or(input.len()));
    let fragment = fragment.get(1..).unwrap_or_default();
    let sidecars = serde_json::Deserializer::from_slice(json).into_iter::<Sidecar>();
    let Ok(sidecars) = sidecars.take(MOST).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let Some(encoding) = sidecars.first().map(|sidecar| sidecar.encoding.clone()) else {
        return;
    };
    let [part, layer, metadata] =
        ["part", "layer", "layer.json"].map(|name| directory().join(name));
    fs::write(&part, fragment).expect("a file");
    let mut fragments = Vec::new();
    for (number, mut sidecar) in sidecars.into_iter().enumerate() {
        if sidecar.segment.size == 0 {
            sidecar.segment.size = fragment.len() as u64;
        }
        if sidecar.segment.checksum == 0 {
            sidecar.segment.checksum = crc32fast::hash(fragment);
        }
        sidecar.seal.clear();
        let json = directory().join(format!("part{number}.json"));
        let sealed = serde_json::to_vec(&sidecar.sealed()).expect("JSON");
        fs::write(&json, sealed).expect("a file");
        fragments.push((part.clone(), json));
    }
    let before = files();
    let written = concat::write(&Options {
        name: String::new(),
        fragments,
        output: Some(layer.clone()),
        metadata: Some(metadata.clone()),
        encoding,
        threads: 1,
        diff_id: true,
    });
    assert_eq!(files(), before + 2 * usize::from(written.is_ok()));
    if written.is_ok() {
        for output in [layer, metadata] {
            fs::remove_file(output).expect("an output");
        }
    }
});

fn files() -> usize {
    fs::read_dir(directory()).expect("a directory").count()
}
