//! Programs that others read layers with.

use crate::directory::Directory;
use crate::layer::{big, COMPRESSIONS};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

const LONG: usize = 150;

fn manifest() -> String {
    let name = "n".repeat(LONG);
    let directories = ["f"; 5].map(|letter| letter.repeat(60)).join("/");
    format!(
        "\
/set time=1672560000 uid=3 gid=4
./app type=dir mode=0750
./app/big contents=big
./app/d\\303\\251j\\303\\240\\040vu contents=small mode=0755
./app/empty size=0
./app/hole type=dir
./app/link type=link link=../elsewhere/{name}
./app/raw\\377 contents=small
./app/twin contents=twin
./app/twin2 contents=twin
./app/{name} contents=small
./app/{directories}/file contents=small
./owned size=0 uid=3000000 gid=3000001 uname=d\\303\\251j\\303\\240 gname=group time=1
./timed size=0 time=1672560000.500000000
"
    )
}

fn directory() -> Directory {
    Directory::new(&[("big", &big()), ("small", b"small"), ("twin", &[7; 5000])])
}

/// Path to kind, mode, links and content of all that is below a directory.
fn tree(directory: &Path, prefix: &[u8], found: &mut BTreeMap<Vec<u8>, String>) {
    for child in std::fs::read_dir(directory).expect("a directory") {
        let child = child.expect("a child");
        let path = [prefix, child.file_name().as_bytes()].concat();
        let metadata = child.path().symlink_metadata().expect("metadata");
        let mode = metadata.permissions().mode() & 0o7777;
        let what = if metadata.is_symlink() {
            let target = std::fs::read_link(child.path()).expect("a link");
            format!("-> {}", target.display())
        } else if metadata.is_dir() {
            tree(&child.path(), &[&path[..], b"/"].concat(), found);
            format!("{mode:o} directory")
        } else {
            let content = std::fs::read(child.path()).expect("a file");
            let known: [(&str, &[u8]); 4] = [
                ("empty", b""),
                ("small", b"small"),
                ("twin", &[7; 5000]),
                ("big", &big()),
            ];
            let name = known.iter().find(|(_, known)| *known == content);
            format!(
                "{mode:o} {} {}",
                name.expect("known content").0,
                metadata.nlink()
            )
        };
        found.insert(path, what);
    }
}

fn expected_tree() -> BTreeMap<Vec<u8>, String> {
    let name = "n".repeat(LONG);
    let mut expected: BTreeMap<Vec<u8>, String> = [
        (&b"app"[..], "750 directory"),
        (b"app/big", "644 big 1"),
        ("app/déjà vu".as_bytes(), "755 small 1"),
        (b"app/empty", "644 empty 1"),
        (b"app/hole", "755 directory"),
        (b"app/link", &format!("-> ../elsewhere/{name}")),
        (b"app/raw\xff", "644 small 1"),
        (b"app/twin", "644 twin 2"),
        (b"app/twin2", "644 twin 2"),
        (format!("app/{name}").as_bytes(), "644 small 1"),
        (b"owned", "644 empty 1"),
        (b"timed", "644 empty 1"),
    ]
    .map(|(path, what)| (path.to_vec(), what.to_owned()))
    .into();
    let mut path = "app".to_owned();
    for _ in 0..5 {
        path = format!("{path}/{}", "f".repeat(60));
        expected.insert(path.clone().into_bytes(), "755 directory".to_owned());
    }
    expected.insert(
        format!("{path}/file").into_bytes(),
        "644 small 1".to_owned(),
    );
    expected
}

#[test]
fn gnu_tar_and_bsdtar_unpack_every_compression() {
    let directory = directory();
    for compression in COMPRESSIONS {
        directory
            .layer(&manifest(), &["--compress", compression])
            .text();
        for reader in ["tar", "bsdtar"] {
            let target = format!("{reader}.{compression}");
            std::fs::create_dir(directory.path(&target)).expect("a directory");
            let answer =
                directory.run(reader, &["-xpf", "layer", "--no-same-owner", "-C", &target]);
            assert_eq!(
                (answer.code, answer.stderr.as_str()),
                (Some(0), ""),
                "{target}"
            );
            let mut found = BTreeMap::new();
            tree(&directory.path(&target), b"", &mut found);
            let readable = |tree: BTreeMap<Vec<u8>, String>| -> Vec<_> {
                tree.into_iter()
                    .map(|(path, what)| (OsStr::from_bytes(&path).to_owned(), what))
                    .collect()
            };
            assert_eq!(readable(found), readable(expected_tree()), "{target}");
        }
    }
}

#[test]
fn python_sees_every_attribute_also_in_a_stream() {
    let script = r#"
import hashlib, os, sys, tarfile
with tarfile.open("layer", sys.argv[1], errorlevel=2, encoding="utf-8", errors="surrogateescape") as layer:
    for member in layer:
        name = os.fsencode(member.name).decode("latin-1").replace("n" * 150, "N").replace("f" * 60, "F")
        size = len(layer.extractfile(member).read()) if member.isreg() else member.size
        print(member.type.decode(), oct(member.mode), member.uid, member.gid, repr(member.uname), repr(member.gname),
              member.mtime, size, ascii(name), member.linkname.replace("n" * 150, "N"))
"#;
    let expected = r"5 0o750 3 4 '' '' 1672560000 0 'app' 
0 0o644 3 4 '' '' 1672560000 5242880 'app/big' 
0 0o755 3 4 '' '' 1672560000 5 'app/d\xc3\xa9j\xc3\xa0 vu' 
0 0o644 3 4 '' '' 1672560000 0 'app/empty' 
5 0o755 3 4 '' '' 1672560000 0 'app/F' 
5 0o755 3 4 '' '' 1672560000 0 'app/F/F' 
5 0o755 3 4 '' '' 1672560000 0 'app/F/F/F' 
5 0o755 3 4 '' '' 1672560000 0 'app/F/F/F/F' 
5 0o755 3 4 '' '' 1672560000 0 'app/F/F/F/F/F' 
0 0o644 3 4 '' '' 1672560000 5 'app/F/F/F/F/F/file' 
5 0o755 3 4 '' '' 1672560000 0 'app/hole' 
2 0o777 3 4 '' '' 1672560000 0 'app/link' ../elsewhere/N
0 0o644 3 4 '' '' 1672560000 5 'app/N' 
0 0o644 3 4 '' '' 1672560000 5 'app/raw\xff' 
0 0o644 3 4 '' '' 1672560000 5000 'app/twin' 
1 0o644 3 4 '' '' 1672560000 0 'app/twin2' app/twin
0 0o644 3000000 3000001 'déjà' 'group' 1 0 'owned' 
0 0o644 3 4 '' '' 1672560000.5 0 'timed' 
";
    let directory = directory();
    for (compression, modes) in [("gzip", ["r:gz", "r|gz"]), ("none", ["r:", "r|"])] {
        directory
            .layer(&manifest(), &["--compress", compression])
            .text();
        for mode in modes {
            let answer = directory
                .run("env", &["PYTHONUTF8=1", "python3", "-c", script, mode])
                .text();
            let (mut sorted, mut lines): (Vec<_>, Vec<_>) =
                (expected.lines().collect(), answer.lines().collect());
            sorted.sort_unstable();
            lines.sort_unstable();
            assert_eq!(lines, sorted, "{mode}");
        }
    }
}

#[test]
fn decompressors_find_one_whole_stream() {
    let directory = directory();
    for (compression, testers) in [("gzip", &["gzip", "pigz"][..]), ("zstd", &["zstd"])] {
        for level in 1..=12 {
            directory
                .layer(
                    &manifest(),
                    &["--compress", compression, &format!("--level={level}")],
                )
                .text();
            for tester in testers {
                let answer = directory.run("sh", &["-c", &format!("{tester} -t <layer")]);
                assert_eq!(
                    answer.code,
                    Some(0),
                    "{tester} at level {level}: {}",
                    answer.stderr
                );
            }
        }
        // Of more than one member or frame, these see the first only.
        let script = match compression {
            "gzip" => "import sys, zlib; d = zlib.decompressobj(31); d.decompress(open('layer', 'rb').read()); sys.exit(not d.eof or len(d.unused_data))",
            _ => "import subprocess, sys; sys.exit('Frames: 1' not in ' '.join(subprocess.run(['zstd', '-lv', 'layer'], capture_output=True, text=True).stdout.replace('# Zstandard', '').split()).replace('Frames: 1 ', 'Frames: 1'))",
        };
        std::fs::copy(directory.path("layer"), directory.path("layer.zst")).expect("a copy");
        let answer = directory.run(
            "python3",
            &["-c", &script.replace("'layer']", "'layer.zst']")],
        );
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    }
}
