//! What GNU tar, bsdtar and Python list of every compression: names, modes, owners, times.

use crate::directory::{Answer, Directory};
use crate::layer::COMPRESSIONS;

/// Stand for names that are too long for one field, and for two, of a ustar header.
const LONG: [(&str, usize); 3] = [("<60>", 60), ("<120>", 120), ("<150>", 150)];

const MANIFEST: &str = r"
/set time=1672560000 uid=3 gid=4
./app type=dir mode=0750
./app/back\134slash contents=small mode=04755
./app/d\303\251j\303\240 contents=small
./app/empty size=0 mode=0
./app/kept contents=twin
./app/link type=link link=empty
./app/new\012line contents=small
./app/raw\377\040name contents=small
./app/target type=link link=<120>
./app/twin contents=twin
./<60>/<60> contents=small
./<150>/<150> contents=small
./ids size=0 uid=3000000000 gid=4000000000
./names size=0 uname=user gname=group
./times size=0 time=1672560000.250000000
";

fn long(text: &str) -> String {
    LONG.iter().fold(text.to_owned(), |text, (short, length)| {
        text.replace(short, &"n".repeat(*length))
    })
}

fn short(text: &str) -> String {
    LONG.iter()
        .rev()
        .fold(text.to_owned(), |text, (short, length)| {
            text.replace(&"n".repeat(*length), short)
        })
}

/// Sorted, as each program has its own order; without the padding of columns.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.sort_unstable();
    lines
}

fn layers(mut check: impl FnMut(&Directory, &str)) {
    let directory = Directory::new(&[("small", b"small"), ("twin", &[7; 5000])]);
    for compression in COMPRESSIONS {
        directory
            .layer(&long(MANIFEST), &["--compress", compression])
            .text();
        check(&directory, compression);
    }
}

fn listing_of(directory: &Directory, command: &[&str]) -> String {
    let settings = ["TZ=UTC", "PYTHONUTF8=1"];
    let answer: Answer = directory.run("env", &[&settings[..], command].concat());
    assert_eq!(answer.stderr, "");
    short(&answer.text())
}

#[test]
fn gnu_tar() {
    let expected = lines(
        r"
drwxr-x--- 3/4 0 2023-01-01 08:00:00 app/
-rwsr-xr-x 3/4 5 2023-01-01 08:00:00 app/back\\slash
-rw-r--r-- 3/4 5 2023-01-01 08:00:00 app/déjà
---------- 3/4 0 2023-01-01 08:00:00 app/empty
-rw-r--r-- 3/4 5000 2023-01-01 08:00:00 app/kept
lrwxrwxrwx 3/4 0 2023-01-01 08:00:00 app/link -> empty
-rw-r--r-- 3/4 5 2023-01-01 08:00:00 app/new\nline
-rw-r--r-- 3/4 5 2023-01-01 08:00:00 app/raw\377 name
lrwxrwxrwx 3/4 0 2023-01-01 08:00:00 app/target -> <120>
hrw-r--r-- 3/4 0 2023-01-01 08:00:00 app/twin link to app/kept
drwxr-xr-x 3/4 0 2023-01-01 08:00:00 <60>/
-rw-r--r-- 3/4 5 2023-01-01 08:00:00 <60>/<60>
drwxr-xr-x 3/4 0 2023-01-01 08:00:00 <150>/
-rw-r--r-- 3/4 5 2023-01-01 08:00:00 <150>/<150>
-rw-r--r-- 3000000000/4000000000 0 2023-01-01 08:00:00 ids
-rw-r--r-- 3/4 0 2023-01-01 08:00:00 names
-rw-r--r-- 3/4 0 2023-01-01 08:00:00.25 times
",
    );
    layers(|directory, compression| {
        let listing = listing_of(
            directory,
            &[
                "tar",
                "--list",
                "--verbose",
                "--numeric-owner",
                "--full-time",
                "--quoting-style=escape",
                "--file=layer",
            ],
        );
        assert_eq!(lines(&listing), expected, "{compression}");
    });
}

/// As libarchive writes mtree(5), which has no hard links: the twin has a size of 0.
const MTREE: &str = r"
./app time=1672560000.0 mode=750 gid=4 uid=3 type=dir
./app/back\134slash time=1672560000.0 mode=4755 gid=4 uid=3 type=file size=5
./app/d\303\251j\303\240 time=1672560000.0 mode=644 gid=4 uid=3 type=file size=5
./app/empty time=1672560000.0 mode=0 gid=4 uid=3 type=file size=0
./app/kept time=1672560000.0 mode=644 gid=4 uid=3 type=file size=5000
./app/link time=1672560000.0 mode=777 gid=4 uid=3 type=link link=empty
./app/new\012line time=1672560000.0 mode=644 gid=4 uid=3 type=file size=5
./app/raw\377\040name time=1672560000.0 mode=644 gid=4 uid=3 type=file size=5
./app/target time=1672560000.0 mode=777 gid=4 uid=3 type=link link=<120>
./app/twin time=1672560000.0 mode=644 gid=4 uid=3 type=file size=0
./<60> time=1672560000.0 mode=755 gid=4 uid=3 type=dir
./<60>/<60> time=1672560000.0 mode=644 gid=4 uid=3 type=file size=5
./<150> time=1672560000.0 mode=755 gid=4 uid=3 type=dir
./<150>/<150> time=1672560000.0 mode=644 gid=4 uid=3 type=file size=5
./ids time=1672560000.0 mode=644 gid=4000000000 uid=3000000000 type=file size=0
./names gname=group uname=user time=1672560000.0 mode=644 gid=4 uid=3 type=file size=0
./times time=1672560000.250000000 mode=644 gid=4 uid=3 type=file size=0
";

#[test]
fn bsdtar() {
    layers(|directory, compression| {
        let listing = listing_of(
            directory,
            &[
                "bsdtar",
                "--create",
                "--format=mtree",
                "--options=!all,type,mode,uid,gid,uname,gname,time,size,link",
                "--file=-",
                "@layer",
            ],
        );
        let expected = format!("#mtree{MTREE}");
        assert_eq!(lines(&listing), lines(&expected), "{compression}");
    });
}

#[test]
fn python_also_in_a_stream() {
    // Prints what libarchive does, and reads all content.
    let script = r##"
import sys, tarfile
TYPES = {tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "link"}
def escape(name):
    plain = lambda byte: 32 < byte < 127 and byte not in b"\\#"
    return "".join(chr(b) if plain(b) else "\\%03o" % b for b in name.encode("utf-8", "surrogateescape"))
with tarfile.open(mode=sys.argv[1], errorlevel=2, encoding="utf-8", errors="surrogateescape",
                  **({"fileobj": sys.stdin.buffer} if "|" in sys.argv[1] else {"name": "layer"})) as layer:
    for m in layer:
        kind = TYPES.get(m.type, "file")
        seconds, _, fraction = f"{m.mtime:.9f}".partition(".")
        words = [f"gname={m.gname}"] * bool(m.gname) + [f"uname={m.uname}"] * bool(m.uname)
        words += [f"time={seconds}.{0 if not int(fraction) else fraction}", f"mode={m.mode:o}", f"gid={m.gid}",
                  f"uid={m.uid}", f"type={kind}"]
        if kind == "file":
            words += [f"size={len(layer.extractfile(m).read()) if m.isreg() else 0}"]
        elif kind == "link":
            words += [f"link={escape(m.linkname)}"]
        print("./" + escape(m.name), *words)
"##;
    layers(|directory, compression| {
        let commands = match compression {
            "gzip" => [("r:gz", "cat"), ("r|gz", "cat"), ("r|", "gzip -dc")],
            "zstd" => [("r|", "zstd -dcq"); 3],
            _ => [("r:", "cat"), ("r|", "cat"), ("r|*", "cat")],
        };
        for (mode, decompress) in commands {
            let pipe = format!("{decompress} <layer | python3 -c \"$0\" '{mode}'");
            let listing = listing_of(directory, &["sh", "-c", &pipe, script]);
            assert_eq!(lines(&listing), lines(MTREE), "{mode} of {compression}");
        }
    });
}

/// Readers take GNU's numbers in base 256 and long names, too, so they would not tell.
#[test]
fn every_header_is_one_of_posix() {
    let directory = Directory::new(&[("small", b"small"), ("twin", &[7; 5000])]);
    directory
        .layer(&long(MANIFEST), &["--compress=none"])
        .text();
    let tar = directory.read("layer");
    let mut kinds = String::new();
    let mut at = 0;
    while tar[at] != 0 {
        let header = &tar[at..at + 512];
        assert_eq!(&header[257..265], b"ustar\x0000");
        let number = |from: usize, to: usize| {
            let digits = std::str::from_utf8(&header[from..to]).expect("digits");
            u64::from_str_radix(digits.trim_end_matches([' ', '\0']), 8).expect("an octal number")
        };
        // Mode, uid, gid and time.
        for (from, to) in [(100, 108), (108, 116), (116, 124), (136, 148)] {
            number(from, to);
        }
        kinds.push(char::from(header[156]));
        at += 512
            + usize::try_from(number(124, 136))
                .expect("a size")
                .div_ceil(512)
                * 512;
    }
    // A pax header (x) before what ustar cannot say, and before nothing else.
    assert_eq!(kinds, "50x000200x21x0050x5x0x0");
    assert_eq!(&tar[at..], [0; 1024]);
}

/// Names that just fit into one field of ustar and into two, that more than one slash may part, and
/// that only pax takes; numbers that just fit; what is alike. `<N>` stands for N letters.
const SORTED: &str = r"#mtree
/set mode=0640 uid=262143 gid=262143 time=2147483646 type=file
./d type=dir mode=0755 uid=0 gid=0 time=0
./d/n type=dir
./d/n/n type=dir
./d/n/n/<95> type=dir
./d/n/n/<95>/n contents=small
./d/<60> type=dir
./d/<60>/<30> type=dir
./d/<60>/<30>/<60> contents=small
./d/<60>/<60> contents=small
./d/<96> contents=small
./d/<97> contents=small
./d/<99> type=dir
./d/<99>/<51> type=dir
./d/<99>/<51>/<100> contents=small
./d/<99>/<52> type=dir
./d/<99>/<52>/<52> type=dir
./d/<99>/<52>/<52>/<60> type=dir
./d/<99>/<52>/<52>/<60>/<30> type=dir
./d/<99>/<52>/<52>/<60>/<30>/n contents=small
./d/<99>/<52>/<52>/<60>/<97> contents=small
./d/<100> contents=small
./d/<101> contents=small mode=04755
./d\303\251j\303\240 type=dir
./d\303\251j\303\240/\303\251<97> contents=small
./kept contents=twin mode=04755 uname=user gname=group
./link type=link mode=0777 link=<100>
./link2 type=link mode=0777 link=<101> uname=user gname=group
./link\303\251 type=link mode=0777 link=\303\251/<60>
./twin contents=twin mode=04755 uname=user gname=group
";

#[test]
fn by_path_a_layer_has_the_bytes_that_bsdtar_gives_its_sorted_manifest() {
    let directory = Directory::new(&[("small", b"small"), ("twin", &[7; 5000])]);
    let mut manifest = SORTED.to_owned();
    for length in [30, 51, 52, 60, 95, 96, 97, 99, 100, 101] {
        manifest = manifest.replace(&format!("<{length}>"), &"n".repeat(length));
    }
    directory
        .layer(&manifest, &["--by-path", "--compress=none"])
        .text();
    directory
        .run("bsdtar", &["--create", "--file=theirs", "@m"])
        .text();
    assert!(directory.read("layer") == directory.read("theirs"));
}
