//! A directory to run programs in.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What a program answered.
pub struct Answer {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Answer {
    /// Standard output of a program that must succeed.
    pub fn text(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        String::from_utf8(self.stdout).expect("text")
    }

    /// Of `layer_tool`, which must fail with one of these codes and say the problem in one line.
    pub fn expect_refusal(&self, codes: &[i32], problem: &str) {
        let Self { stderr, .. } = self;
        let code = self.code.unwrap_or_default();
        assert!(codes.contains(&code), "{problem}: {code}, {stderr}");
        assert!(stderr.contains(problem), "{problem}: {stderr}");
        assert!(stderr.starts_with("layer_tool: "), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

pub struct Directory(TempDir);

impl Directory {
    pub fn new(files: &[(&str, &[u8])]) -> Self {
        let directory = Self(tempfile::tempdir().expect("a directory"));
        for (name, content) in files {
            directory.write(name, content);
        }
        directory
    }

    pub fn path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.0.path().join(Path::new(name.as_ref()))
    }

    pub fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn names(&self) -> BTreeSet<String> {
        fs::read_dir(self.0.path())
            .expect("the directory")
            .map(|child| {
                child
                    .expect("a child")
                    .file_name()
                    .into_string()
                    .expect("text")
            })
            .collect()
    }

    /// Runs a program that a Debian package brings.
    pub fn run(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Answer {
        let program = program.as_ref();
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.0.path())
            // bsdtar takes names in the locale's encoding only.
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; run tools/install-test-programs",
                    program.to_string_lossy()
                )
            });
        Answer {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Runs `layer_tool`.
    pub fn tool(&self, arguments: &[&str]) -> Answer {
        self.run(tool(), arguments)
    }

    /// Writes the manifest `m`, and by it the layer `layer` and its metadata `json`.
    pub fn layer(&self, manifest: &str, arguments: &[&str]) -> Answer {
        self.write("m", manifest.as_bytes());
        let all = ["layer", "--manifest=m", "--output=layer", "--metadata=json"];
        self.tool(&[&all[..], arguments].concat())
    }
}

/// The program: Bazel names it, or Cargo.
pub fn tool() -> PathBuf {
    std::env::var_os("LAYER_TOOL")
        .map(PathBuf::from)
        .or_else(|| option_env!("CARGO_BIN_EXE_layer_tool").map(PathBuf::from))
        .expect("LAYER_TOOL")
        .canonicalize()
        .expect("the program")
}
