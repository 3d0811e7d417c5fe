//! The very bytes of a layer: they change with the version of a compressor only, which the metadata
//! names, and so with a change of its settings never unseen.

use crate::folder::Folder;
use crate::layer::sha256;
use std::fmt::Write as _;

/// Text of words, some of them often and from far before: what a table finds in it depends on its
/// size. Longer than a chunk of any compressor, and no multiple of one.
fn text() -> String {
    let mut state = 1_u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut text = String::new();
    while text.len() < 4_500_000 {
        // The lower the number, the more often.
        let word = next(1 << 15) & next(1 << 15);
        let _ = write!(text, "{word:x}");
        text.push(if next(8) == 0 { '\n' } else { ' ' });
    }
    text
}

#[test]
fn layers() {
    let text = text();
    let folder = Folder::new(&[
        ("text", text.as_bytes()),
        ("part", &text.as_bytes()[1_000_000..2_500_000]),
    ]);
    let manifest = "\
/set mode=0555 time=1672560000 uid=1000 gid=1000
./app/a.py contents=part
./app/b/c.py contents=part
./app/link type=link link=b/c.py
./app/text contents=text
";
    let pin = |arguments: &[&str]| {
        folder.layer(manifest, arguments).text();
        format!("{} {}", arguments.join(" "), sha256(&folder.read("layer")))
    };
    let mut pinned = vec![pin(&["--compress=none"])];
    for level in [0, 1, 5, 12] {
        pinned.push(pin(&["--compress=gzip", &format!("--level={level}")]));
    }
    for level in [1, 3, 19] {
        pinned.push(pin(&["--compress=zstd", &format!("--level={level}")]));
    }
    for compression in ["gzip", "zstd"] {
        pinned.push(pin(&["--fragment", &format!("--compress={compression}")]));
    }
    assert_eq!(pinned, [
            "--compress=none sha256:cb98f8ae828db808035834345733c1b041c90ed8034dc95c869f6c01b8d26e6c",
            "--compress=gzip --level=0 sha256:a4f62e8beac5309641115cb85ccbd0b5344e803b9e0756252824e28e69473309",
            "--compress=gzip --level=1 sha256:e3881840196e0fd32ec0f648df03db1d9a903dd00fa4d29ea5f9f5209f5dd8d0",
            "--compress=gzip --level=5 sha256:12f2cb3d93c2def1db894c34e6903dc236d163334940d61f0f35bbe85b866237",
            "--compress=gzip --level=12 sha256:ca2105045075ddc0d0d062e3c4463cddf9f2a5da40b99b59e8ae32983ae3fcc5",
            "--compress=zstd --level=1 sha256:96180510f8e757fbe1c398cb53865269c07697a1349f331f29abedfec007688b",
            "--compress=zstd --level=3 sha256:4f26f94a72fd1665bdd6c9af6d6a756ab84727d2591156d24555f112d3fbd587",
            "--compress=zstd --level=19 sha256:5ec0dfacf2e40840cda6d532f9ef1b3f99a509fc07b6ece7ccd8b88e401f97ff",
            "--fragment --compress=gzip sha256:306a758f12eb4cb37936da5041f9b78eb09e972ef2cf9a788a7fa5a047892077",
            "--fragment --compress=zstd sha256:53fc258523c5b64b152b87fa5dd591a1dc3ee926368b2e3228de7b9195024aed",
        ]);
}
