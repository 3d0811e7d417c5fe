//! What a system may do to a program: whatever it is, no wrong file has a final name.

use crate::folder::{tool, Folder};
use crate::layer::{big, COMPRESSIONS};

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
    let folder = Folder::new(&[
        ("big", &big().repeat(2)),
        ("m", b"./a contents=big\n"),
        ("few.c", FEW_THREADS.as_bytes()),
    ]);
    folder
        .run("cc", &["-shared", "-fPIC", "-o", "few.so", "few.c", "-ldl"])
        .text();
    let few = |threads: usize, arguments: &[&str]| {
        let (threads, few) = (format!("THREADS={threads}"), folder.path("few.so"));
        let preload = format!("LD_PRELOAD={}", few.display());
        let tool = tool();
        let program = ["env", &threads, &preload, tool.to_str().expect("text")];
        folder.run(program[0], &[&program[1..], arguments].concat())
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
                let there = names.into_iter().filter(|name| folder.path(name).exists());
                there.map(|name| folder.read(name)).collect::<Vec<_>>()
            };
            folder.tool(command).text();
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
