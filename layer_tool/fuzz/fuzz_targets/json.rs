//! JSON that programs hand on: what is read is read again of what is written.
#![no_main]

use image::oci::{Index, Manifest};
use image::plan::Plan;
use layer::files::Files;
use layer::metadata::Metadata;
use layer::sidecar::Sidecar;
use serde::de::DeserializeOwned;
use serde::Serialize;

const TYPES: [fn(&[u8]); 6] = [
    again::<Index>,
    again::<Files>,
    again::<Manifest>,
    again::<Metadata>,
    again::<Plan>,
    again::<Sidecar>,
];

fn again<T: DeserializeOwned + Serialize>(json: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(json) else {
        return;
    };
    let written = serde_json::to_vec(&value).expect("JSON");
    let value: T = serde_json::from_slice(&written).expect("the same JSON");
    assert_eq!(serde_json::to_vec(&value).expect("JSON"), written);
}

libfuzzer_sys::fuzz_target!(|json: &[u8]| TYPES.iter().for_each(|again| again(json)));
