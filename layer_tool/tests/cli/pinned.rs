//! The very bytes of a layer: they change only with what the metadata names as the compressor, its
//! version or recipe: a digest of the digests here.

use crate::directory::Directory;
use crate::layer::sha256;
use serde_json::Value;
use std::collections::BTreeMap;
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
    let directory = Directory::new(&[
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
    let mut compressors = BTreeMap::new();
    let mut pin = |compression: &'static str, arguments: &[&str]| {
        let compress = format!("--compress={compression}");
        let arguments = [&[compress.as_str()], arguments].concat();
        directory.layer(manifest, &arguments).text();
        let json: Value = serde_json::from_slice(&directory.read("json")).expect("JSON");
        let digest = sha256(&directory.read("layer"));
        let (_, digests) = compressors
            .entry(compression)
            .or_insert_with(|| (json["compressor"].clone(), String::new()));
        digests.push_str(&format!("{digest}\n"));
        format!("{}: {digest}", arguments.join(" "))
    };
    let mut pinned = vec![pin("none", &[])];
    for level in [0, 1, 5, 12] {
        pinned.push(pin("gzip", &[&format!("--level={level}")]));
    }
    for level in [1, 3, 19] {
        pinned.push(pin("zstd", &[&format!("--level={level}")]));
    }
    for compression in ["gzip", "zstd"] {
        pinned.push(pin(compression, &["--fragment"]));
    }
    assert_eq!(pinned, [
            "--compress=none: sha256:cb98f8ae828db808035834345733c1b041c90ed8034dc95c869f6c01b8d26e6c",
            "--compress=gzip --level=0: sha256:a4f62e8beac5309641115cb85ccbd0b5344e803b9e0756252824e28e69473309",
            "--compress=gzip --level=1: sha256:e3881840196e0fd32ec0f648df03db1d9a903dd00fa4d29ea5f9f5209f5dd8d0",
            "--compress=gzip --level=5: sha256:12f2cb3d93c2def1db894c34e6903dc236d163334940d61f0f35bbe85b866237",
            "--compress=gzip --level=12: sha256:ca2105045075ddc0d0d062e3c4463cddf9f2a5da40b99b59e8ae32983ae3fcc5",
            "--compress=zstd --level=1: sha256:96180510f8e757fbe1c398cb53865269c07697a1349f331f29abedfec007688b",
            "--compress=zstd --level=3: sha256:4f26f94a72fd1665bdd6c9af6d6a756ab84727d2591156d24555f112d3fbd587",
            "--compress=zstd --level=19: sha256:5ec0dfacf2e40840cda6d532f9ef1b3f99a509fc07b6ece7ccd8b88e401f97ff",
            "--compress=gzip --fragment: sha256:306a758f12eb4cb37936da5041f9b78eb09e972ef2cf9a788a7fa5a047892077",
            "--compress=zstd --fragment: sha256:53fc258523c5b64b152b87fa5dd591a1dc3ee926368b2e3228de7b9195024aed",
        ]);
    // Bytes cannot change without it.
    for (compression, library) in [("gzip", "libdeflate 1.26.1"), ("zstd", "zstd 1.5.7")] {
        let (compressor, digests) = &compressors[compression];
        let digest = sha256(digests.as_bytes());
        let recipe = &digest["sha256:".len()..][..8];
        assert_eq!(compressor, &format!("{library}, recipe {recipe}"));
    }
}

/// What headers and pax records say of whatever is long, large, early or no ASCII. That other
/// programs read it so is what `readers` and `listings` say.
#[test]
fn headers() {
    let directory = Directory::new(&[("twin", &[7; 2000])]);
    let mut manifest = "/set time=1672560000 mode=0640\n".to_owned();
    let n = |length: usize| "n".repeat(length);
    let mut paths: Vec<String> = (97..=103).map(n).collect();
    // A directory and a name, at the limits of their fields and of what a short form has room for.
    for directory in [1, 50, 99, 100, 101, 153, 154, 155, 156, 157, 255] {
        for name in [1, 86, 87, 88, 89, 97, 98, 99, 100, 101, 255] {
            paths.push(format!("{}/{}", n(directory), n(name)));
            paths.push(format!("{}/b/{}/x", n(name), n(directory)));
        }
    }
    paths.push([n(99), n(99), n(99), n(20)].join("/"));
    paths.push([n(10), n(60), n(60), n(60), n(110)].join("/"));
    for (number, path) in paths.iter().enumerate() {
        // `n` is an ASCII letter, two bytes of UTF-8, and a byte that is no text.
        for (kind, letter) in ["n", "\\303\\251", "\\377"].into_iter().enumerate() {
            let path = path.replace("nn", &format!("{letter}m"));
            if path
                .replace("\\303\\251", "xy")
                .replace("\\377", "x")
                .split('/')
                .any(|name| name.len() > 255)
            {
                continue;
            }
            for (what, keywords) in ["size=0", "type=dir", "contents=twin"].iter().enumerate() {
                let _ = writeln!(manifest, "./{number}{kind}{what}/{path} {keywords}");
            }
        }
    }
    for length in (98..=102).chain([155, 1000, 4095]) {
        let _ = writeln!(manifest, "./link{length} type=link link={}", n(length));
        let _ = writeln!(
            manifest,
            "./raw{length} type=link link={}\\377",
            n(length - 1)
        );
    }
    for length in 30..=33 {
        let names = format!("uname={0} gname={0}", n(length));
        let _ = writeln!(manifest, "./owned{length} size=0 {names}");
        let _ = writeln!(
            manifest,
            "./owned{length}a size=0 uname=d\\303\\251 gname=d\\377"
        );
    }
    for id in [
        0_u64,
        262_143,
        262_144,
        2_097_151,
        2_097_152,
        u64::from(u32::MAX) - 1,
    ] {
        let _ = writeln!(manifest, "./id{id} size=0 uid={id} gid={id}");
    }
    for time in [
        "-1",
        "-1.5",
        "-2.999999999",
        "0.1",
        "1.000000000",
        "8589934591",
        "8589934592",
        "8589934592.7",
    ] {
        let _ = writeln!(manifest, "./time{time} size=0 time={time}");
    }
    for mode in ["0000", "0777", "1777", "4755", "7777"] {
        let _ = writeln!(manifest, "./mode{mode} size=0 mode={mode} uname={}", n(32));
    }
    let mut digests = Vec::new();
    for arguments in [&["--compress=none"][..], &["--compress=none", "--by-path"]] {
        directory.layer(&manifest, arguments).text();
        digests.push(sha256(&directory.read("layer")));
    }
    assert_eq!(
        digests,
        [
            "sha256:5202c979011924c49f1e24c3fc9183c2a5646dcfdd867e3516c73acb8332eec5",
            "sha256:b283c37207400a3255691b3d78645a83ef0ba233ffa7cb62d911331fe96efc53",
        ]
    );
}
