//! What a system may do to a program: whatever it is, no wrong file has a final name.

use crate::directory::{tool, Answer, Directory};
use crate::layer::{big, COMPRESSIONS};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A library that lets `THREADS` threads run at once, and no more.
const FEW_THREADS: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

static int running;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *argument) {
  int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
      dlsym(RTLD_NEXT, "pthread_create");
  if (__sync_fetch_and_add(&running, 1) < atoi(getenv("THREADS")))
    return create(thread, attributes, run, argument);
  __sync_fetch_and_sub(&running, 1);
  return EAGAIN;
}

int pthread_join(pthread_t thread, void **result) {
  int (*join)(pthread_t, void **) = dlsym(RTLD_NEXT, "pthread_join");
  __sync_fetch_and_sub(&running, 1);
  return join(thread, result);
}
"#;

#[test]
fn threads_that_do_not_start() {
    let directory = Directory::new(&[
        ("big", &big().repeat(2)),
        ("m", b"./a contents=big\n"),
        ("few.c", FEW_THREADS.as_bytes()),
    ]);
    directory
        .run("cc", &["-shared", "-fPIC", "-o", "few.so", "few.c", "-ldl"])
        .text();
    let few = |threads: usize, arguments: &[&str]| {
        let (threads, few) = (format!("THREADS={threads}"), directory.path("few.so"));
        let preload = format!("LD_PRELOAD={}", few.display());
        let tool = tool();
        let program = ["env", &threads, &preload, tool.to_str().expect("text")];
        directory.run(program[0], &[&program[1..], arguments].concat())
    };
    for compression in COMPRESSIONS {
        let compress = format!("--compress={compression}");
        let output = ["--threads=4", "--output=layer", "--metadata=json"];
        let layer = [&["layer", "--manifest=m", &compress][..], &output].concat();
        let fragment = [
            &[
                "layer",
                "--fragment",
                "--manifest=m",
                &compress,
                "--threads=4",
            ][..],
            &["--output=part", "--metadata=part.json"],
        ]
        .concat();
        let parts = ["--fragment=part", "--sidecar=part.json"];
        let concat = [&["concat", &compress][..], &parts, &output].concat();
        for command in [&layer, &fragment, &concat] {
            let written = || {
                let names = ["layer", "json", "part", "part.json"];
                let there = names
                    .into_iter()
                    .filter(|name| directory.path(name).exists());
                there.map(|name| directory.read(name)).collect::<Vec<_>>()
            };
            directory.tool(command).text();
            let whole = written();
            for threads in [0, 1, 3] {
                let answer = few(threads, command);
                // Only zstd's own threads give the bytes that they give.
                if threads == 0 && compression == "zstd" {
                    answer.expect_refusal(&[1], "zstd cannot start a thread (");
                } else {
                    answer.text();
                }
                assert!(written() == whole, "{threads}: {command:?}");
            }
        }
    }
}

/// A program that runs another on a system where some calls are none: without files that have no
/// name (`tmpfile`), with such that never get one (`linkat`), or one that kills whoever gives a
/// file a name (`names`) or another one (`renames`).
const OTHER_SYSTEM: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL offsetof(struct seccomp_data, nr)
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n))

/* Calls with any of these bits in this argument. */
static const struct { const char *system; int call, argument; unsigned bits, answer; } rules[] = {
    {"tmpfile", SYS_openat, 2, O_TMPFILE & ~O_DIRECTORY, SECCOMP_RET_ERRNO | EOPNOTSUPP},
    {"linkat", SYS_linkat, 4, AT_SYMLINK_FOLLOW, SECCOMP_RET_ERRNO | ENOENT},
    {"names", SYS_linkat, 4, AT_SYMLINK_FOLLOW, SECCOMP_RET_KILL_PROCESS},
    {"renames", SYS_renameat, 3, -1, SECCOMP_RET_KILL_PROCESS},
    {"renames", SYS_renameat2, 3, -1, SECCOMP_RET_KILL_PROCESS},
#ifdef SYS_open
    {"tmpfile", SYS_open, 1, O_TMPFILE & ~O_DIRECTORY, SECCOMP_RET_ERRNO | EOPNOTSUPP},
    {"renames", SYS_rename, 1, -1, SECCOMP_RET_KILL_PROCESS},
#endif
};

int main(int argc, char **argv) {
  struct sock_filter code[64];
  int length = 0;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (strcmp(argv[1], rules[i].system)) continue;
    struct sock_filter rule[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CALL),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rules[i].call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(rules[i].argument)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, rules[i].bits, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, rules[i].answer),
    };
    memcpy(code + length, rule, sizeof rule);
    length += sizeof rule / sizeof *rule;
  }
  if (!length) return 97;
  code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog filter = {length, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) return 99;
  execv(argv[2], argv + 2);
  return 98;
}
"#;

/// A directory with a layer to write, for a while, and what it and its metadata hold once written.
struct Work {
    directory: Directory,
    whole: [Vec<u8>; 2],
}

const COMMAND: [&str; 5] = [
    "layer",
    "--manifest=m",
    "--output=layer",
    "--metadata=json",
    "--threads=2",
];

impl Work {
    fn new() -> Self {
        let directory = Directory::new(&[
            ("big", &big().repeat(2)),
            ("m", b"./a contents=big\n./b size=0\n"),
            ("other.c", OTHER_SYSTEM.as_bytes()),
        ]);
        directory.run("cc", &["-o", "other", "other.c"]).text();
        directory.tool(&COMMAND).text();
        let whole = [directory.read("layer"), directory.read("json")];
        let work = Self { directory, whole };
        work.clear();
        work
    }

    fn clear(&self) {
        for name in ["layer", "json"] {
            // It need not be there.
            let _ = fs::remove_file(self.directory.path(name));
        }
    }

    /// Runs the program by a shell that does `before`, and `after` it.
    fn run(&self, before: &str, after: &str) -> Answer {
        let (tool, command) = (tool(), COMMAND.join(" "));
        let script = format!("ulimit -c 0; {before} {} {command} {after}", tool.display());
        self.directory.run("sh", &["-c", &script])
    }

    /// Checks that nothing is there but whole outputs, or `earlier` ones; returns how many.
    fn expect_whole(&self, earlier: Option<&[u8]>, what: &str) -> usize {
        let names = self.directory.names();
        let own = ["big", "m", "other", "other.c"];
        let outputs: Vec<_> = names
            .iter()
            .filter(|name| !own.contains(&name.as_str()))
            .collect();
        let mut whole = 0;
        for name in outputs {
            let Some(at) = ["layer", "json"].iter().position(|output| output == name) else {
                panic!("{what}: {name} is left");
            };
            let bytes = self.directory.read(name);
            if bytes == self.whole[at] {
                whole += 1;
            } else {
                assert!(earlier == Some(&bytes), "{what}: a wrong {name}");
            }
        }
        whole
    }
}

#[test]
fn signals_at_any_moment() {
    let work = Work::new();
    // A system that has files without names, and two that have not.
    for system in ["", "./other tmpfile", "./other linkat"] {
        for signal in ["TERM", "INT", "HUP", "QUIT", "XCPU", "KILL"] {
            // Nothing answers this one.
            if signal == "KILL" && system == "./other tmpfile" {
                continue;
            }
            for earlier in [None, Some(&b"earlier"[..])] {
                let mut ended = 0;
                for hundredths in [0, 1, 2, 3, 4, 6, 8, 12, 20, 40] {
                    work.clear();
                    for name in ["layer", "json"].into_iter().filter(|_| earlier.is_some()) {
                        work.directory.write(name, earlier.unwrap_or_default());
                    }
                    let what = format!("{system} {signal} after 0.{hundredths:02} s");
                    let answer = work.run(
                        &format!("timeout -s {signal} 0.{hundredths:02}1 {system}"),
                        "",
                    );
                    let whole = work.expect_whole(earlier, &what);
                    match answer.code {
                        Some(0) => assert_eq!(whole, 2, "{what}"),
                        _ => ended += 1,
                    }
                }
                assert!(ended > 0, "{system} {signal}: too fast to be ended");
            }
        }
    }
}

/// An image is a directory until it is whole, to which much is written, or more than it may.
#[test]
fn images_that_are_ended() {
    const LAYERS: usize = 100;
    let directory = Directory::new(&[]);
    let mut command = "image --platform=linux/amd64 --output=image".to_owned();
    for number in 0..LAYERS {
        let content = format!("{number:20000}");
        directory.write(&format!("other/{number}"), content.as_bytes());
        let manifest = format!("./{number} contents=other/{number}\n");
        directory.layer(&manifest, &["--compress=none"]).text();
        for name in ["layer", "json"] {
            let to = directory.path(format!("other/{number}.{name}"));
            fs::rename(directory.path(name), to).expect("an output");
        }
        command += &format!(" --layer=other/{number}.layer --metadata=other/{number}.json");
    }
    let run = |before: &str| {
        let script = format!("ulimit -c 0; {before} {} {command}", tool().display());
        directory.run("sh", &["-c", &script])
    };
    let nothing = ["m", "other"].map(str::to_owned).into();
    run("ulimit -f 16;").expect_refusal(&[1], "File too large (os error 27); raise the limit");
    assert_eq!(directory.names(), nothing);
    let mut ended = 0;
    for thousandths in (0..250).map(|run| 2 + run % 25) {
        run(&format!("timeout -s HUP 0.{thousandths:03}"));
        // What has its name is whole, also where the signal came just then.
        if directory.path("image").exists() {
            let blobs = fs::read_dir(directory.path("image/blobs/sha256")).expect("blobs");
            assert_eq!(blobs.count(), LAYERS + 2);
            fs::remove_dir_all(directory.path("image")).expect("an image");
        } else {
            ended += 1;
        }
        assert_eq!(directory.names(), nothing, "after 0.{thousandths:03} s");
    }
    assert!(ended > 0, "too fast to be ended");
}

/// As `nohup` has it.
#[test]
fn ignored_signals_stay_ignored() {
    let work = Work::new();
    for system in ["", "./other tmpfile"] {
        work.clear();
        let after = "& sleep 0.05; kill -HUP $!; kill -INT $!; wait $!";
        work.run(&format!("trap '' HUP; {system}"), after).text();
        assert_eq!(work.expect_whole(None, system), 2, "{system}");
    }
}

#[test]
fn systems_without_unnamed_files() {
    let work = Work::new();
    for system in ["tmpfile", "linkat"] {
        for _ in ["new", "replaced"] {
            work.run(&format!("umask 027; ./other {system}"), "").text();
            assert_eq!(work.expect_whole(None, system), 2);
            let mode = fs::metadata(work.directory.path("layer"))
                .expect("the layer")
                .mode();
            assert_eq!(mode & 0o777, 0o640, "{system}");
        }
        work.clear();
    }
    work.run("umask 027;", "").text();
    let mode = fs::metadata(work.directory.path("layer"))
        .expect("the layer")
        .mode();
    assert_eq!(mode & 0o777, 0o640);
}

/// No other name is left where the program ends between two names.
#[test]
fn replaced_without_another_name() {
    let work = Work::new();
    for _ in ["new", "replaced"] {
        work.run("./other renames", "").text();
        assert_eq!(work.expect_whole(None, "renames"), 2);
    }
}

#[test]
fn no_earlier_output_beside_a_new_one() {
    let work = Work::new();
    for name in ["layer", "json"] {
        work.directory.write(name, b"earlier");
    }
    // The first name is not given yet, and the last earlier one is gone.
    let answer = work.run("exec ./other names", "");
    assert_eq!(answer.code, None, "{}", answer.stderr);
    assert_eq!(work.expect_whole(None, "names"), 0);
}

#[test]
fn limits() {
    let work = Work::new();
    for system in ["", "./other tmpfile", "./other linkat"] {
        work.run(&format!("ulimit -f 100; {system}"), "").expect_refusal(
            &[1],
            "cannot write layer: File too large (os error 27); raise the limit of a file's size (`ulimit -f`), or write where files can be that large",
        );
        assert_eq!(work.expect_whole(None, system), 0);
    }
    // Where only the last bytes are too many, what was there before stays.
    for name in ["layer", "json"] {
        work.directory.write(name, b"earlier");
    }
    let blocks = (work.whole[0].len() - 1) / 512;
    work.run(&format!("ulimit -f {blocks};"), "")
        .expect_refusal(&[1], "cannot write layer: File too large");
    for name in ["layer", "json"] {
        assert_eq!(work.directory.read(name), b"earlier");
    }
    // From too little to start with to enough.
    let mut ended = BTreeSet::new();
    for kib in (1..20).map(|step| step * 10_000) {
        work.clear();
        let answer = work.run(&format!("ulimit -v {kib};"), "");
        let whole = work.expect_whole(None, &format!("{kib} KiB: {}", answer.stderr));
        assert_eq!(whole, if answer.code == Some(0) { 2 } else { 0 });
        ended.insert(answer.code);
    }
    assert!(ended.len() > 1, "{ended:?}");
}

/// The metadata has its name first, and the layer none to take.
#[test]
fn all_outputs_or_none() {
    let work = Work::new();
    work.directory.write("json", b"earlier");
    work.directory.run("mkdir", &["gone"]).text();
    let before = "(sleep 0.2; rmdir gone) & cd .;";
    let command = "--output=gone/layer --compress=gzip --level=12 --threads=1";
    let (tool, rest) = (tool(), COMMAND[1..].join(" "));
    let rest = rest
        .replace("--output=layer", "")
        .replace("--threads=2", "");
    let script = format!(
        "{before} {} layer {rest} {command}; code=$?; wait; exit $code",
        tool.display()
    );
    let answer = work.directory.run("sh", &["-c", &script]);
    answer.expect_refusal(&[1], "cannot write gone/layer: No such file or directory");
    // A machine that is slow to start the program has it fail before.
    assert!(!work.directory.names().contains("json") || work.directory.read("json") == b"earlier");
}

#[test]
fn sources_that_change() {
    let work = Work::new();
    let source = work.directory.path("big");
    let bytes = fs::read(&source).expect("the source");
    let going = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            for length in (0..4).cycle().map(|quarter| bytes.len() * quarter / 4) {
                if !going.load(Ordering::Relaxed) {
                    break;
                }
                let file = OpenOptions::new()
                    .write(true)
                    .open(&source)
                    .expect("the source");
                file.set_len(length as u64).expect("a length");
                (&file).write_all(&bytes).expect("bytes");
            }
        });
        let mut refused = 0;
        for _ in 0..20 {
            work.clear();
            let answer = work.directory.tool(&COMMAND);
            if answer.code == Some(0) {
                // What it has is what its metadata says.
                let list = work.directory.tool(&["ls", "layer"]).text();
                assert_eq!(list.lines().count(), 2);
                continue;
            }
            refused += 1;
            answer.expect_refusal(&[1], "m:1: big: the file ");
            assert_eq!(work.expect_whole(None, "changed"), 0);
        }
        going.store(false, Ordering::Relaxed);
        assert!(refused > 0);
    });
}

#[test]
fn a_hundred_at_once() {
    let work = Work::new();
    for system in ["", "./other tmpfile"] {
        work.clear();
        let tool = tool();
        let script = format!(
            "for i in $(seq 100); do {system} {} {} & pids=\"$pids $!\"; done; \
             for pid in $pids; do wait $pid || exit 1; done",
            tool.display(),
            COMMAND.join(" ").replace("=m", "=small")
        );
        work.directory.write("small", b"./b size=0\n");
        work.directory.run("sh", &["-c", &script]).text();
        fs::remove_file(work.directory.path("small")).expect("the manifest");
        let list = work.directory.tool(&["ls", "layer"]).text();
        assert_eq!(list.lines().count(), 1, "{list}");
        work.clear();
        assert_eq!(work.expect_whole(None, system), 0);
    }
}
