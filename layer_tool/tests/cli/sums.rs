//! The sums that a fragment's sidecar says are those of the fragment.

use crate::folder::Folder;
use crate::layer::{big, COMPRESSIONS};
use serde_json::Value;

/// Puts together a fragment whose sidecar has another value for a field; the error.
fn concat(compression: &str, field: &str) -> String {
    let folder = Folder::new(&[("big", &big()), ("m", b"./a contents=big\n")]);
    let compress = ["--compress", compression];
    let fragment = [
        "layer",
        "--fragment",
        "--manifest=m",
        "--output=part",
        "--metadata=part.json",
    ];
    folder.tool(&[&fragment[..], &compress].concat()).text();
    let mut sidecar: Value = serde_json::from_slice(&folder.read("part.json")).expect("JSON");
    let value = sidecar[field].as_u64().expect("a number");
    sidecar[field] = (value ^ 1).into();
    folder.write("part.json", sidecar.to_string().as_bytes());

    let before = folder.names();
    let concat = [
        "concat",
        "--fragment=part",
        "--sidecar=part.json",
        "--output=layer",
        "--metadata=json",
    ];
    let answer = folder.tool(&[&concat[..], &compress].concat());
    assert_eq!(answer.code, Some(1), "{compression} {field}");
    assert_eq!(folder.names(), before, "{compression} {field}");
    answer.stderr
}

#[test]
fn of_the_bytes() {
    for compression in COMPRESSIONS {
        assert_eq!(
            concat(compression, "checksum"),
            "layer_tool: part: the fragment is not the one of its sidecar; write the fragment and \
             its sidecar again\n"
        );
    }
}

/// That of the tar, which a gzip layer ends with.
#[test]
fn of_what_the_bytes_decompress_to() {
    assert_eq!(
        concat("gzip", "crc"),
        "layer_tool: layer: a fragment does not decompress to what its sidecar says (its CRC-32 is \
         another); write it again\n"
    );
}
