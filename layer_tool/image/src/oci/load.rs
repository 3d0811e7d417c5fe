//! Streams an image into the store of Docker or podman.

use super::docker_archive::{DockerArchive, Options};
use super::layout::Layout;
use super::platform::Platform;
use layer::error::{Error, Result};
use layer::progress::Progress;
use layer::system;
use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Who loads, in the order of who is asked.
const PROGRAMS: [&str; 2] = ["docker", "podman"];

/// Loads an image by a program, or by that of [`PROGRAMS`] which stands on PATH.
///
/// # Errors
/// As [`DockerArchive::of`]; there is no program, or it fails.
pub fn load(options: &Options, program: Option<PathBuf>) -> Result<()> {
    let mut options = options.clone();
    // That of one image has all blobs; those of others may be left out.
    let is_one = |images: Vec<_>| images.len() == 1;
    if options.choice.platform.is_none()
        && !Layout::open(&options.layout)?.images().is_ok_and(is_one)
    {
        options.choice.platform = Some(Platform::of_machine());
    }
    let archive = DockerArchive::of(&options)?;
    let program = match program {
        // What a shell would start, whose name may end in `.cmd` on Windows.
        Some(name) if name.components().count() == 1 => on_path(&[&name]).unwrap_or(name),
        Some(path) => path,
        None => on_path(&PROGRAMS).ok_or_else(|| {
            Error::Usage(
                "neither docker nor podman is on PATH; install one, or name it by --with PROGRAM"
                    .to_owned(),
            )
        })?,
    };

    let mut child = Command::new(&program)
        .arg("load")
        .stdin(Stdio::piped())
        .spawn()
        .map_err(Error::io("run", &program))?;
    let mut written = Ok(());
    if let Some(input) = child.stdin.take() {
        let mut input = Progress::new(input, "loading", archive.size);
        written = archive.write(&mut input, &program);
    }
    let status = child.wait().map_err(Error::io("run", &program))?;
    if !status.success() {
        // Why it stopped to read, it has said itself.
        let failed = io::Error::other(format!("`load` ended with {status}"));
        return Err(Error::io("run", &program)(failed));
    }
    written
}

/// The first of these names that a program on PATH has.
fn on_path(programs: &[impl AsRef<OsStr>]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let directories: Vec<_> = env::split_paths(&path).collect();
    programs.iter().find_map(|program| {
        let names = system::file_names(program.as_ref());
        directories
            .iter()
            .flat_map(|directory| names.iter().map(move |name| directory.join(name)))
            .find(|path| is_program(path))
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| found.is_file() && system::may_run(&found))
}
