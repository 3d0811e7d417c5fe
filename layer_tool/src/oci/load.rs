//! Streams an image into the store of Docker or podman.

use super::archive::{Archive, Options};
use super::layout::Layout;
use super::platform::Platform;
use crate::error::{Error, Result};
use std::env;
use std::io::{self, IsTerminal as _, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Who loads, in the order of who is asked.
const PROGRAMS: [&str; 2] = ["docker", "podman"];

/// Loads an image by a program, or by that of [`PROGRAMS`] which stands on PATH.
///
/// # Errors
/// As [`Archive::of`]; there is no program, or it fails.
pub fn load(options: &Options, program: Option<PathBuf>) -> Result<()> {
    let mut options = options.clone();
    if options.platform.is_none() && Layout::open(&options.layout)?.images()?.len() > 1 {
        options.platform = Some(Platform::of_machine());
    }
    let archive = Archive::of(&options)?;
    let program = program.or_else(on_path).ok_or_else(|| {
        Error::Usage(
            "neither docker nor podman is on PATH; install one, or name it by --with PROGRAM"
                .to_owned(),
        )
    })?;

    let mut child = Command::new(&program)
        .arg("load")
        .stdin(Stdio::piped())
        .spawn()
        .map_err(Error::io("run", &program))?;
    let mut written = Ok(());
    if let Some(input) = child.stdin.take() {
        let mut input = Progress::new(input, archive.size);
        written = archive.write(&mut input, &program);
        input.end();
    }
    let status = child.wait().map_err(Error::io("run", &program))?;
    if !status.success() {
        // Why it stopped to read, it has said itself.
        let failed = io::Error::other(format!("`load` ended with {status}"));
        return Err(Error::io("run", &program)(failed));
    }
    written
}

fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<_> = env::split_paths(&path).collect();
    PROGRAMS.iter().find_map(|program| {
        folders
            .iter()
            .map(|folder| folder.join(program))
            .find(|path| is_program(path))
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Tells a person at a terminal how far it is.
struct Progress<W> {
    out: W,
    total: u64,
    written: u64,
    /// Percent; None if nobody watches.
    told: Option<u64>,
}

impl<W: Write> Progress<W> {
    fn new(out: W, total: u64) -> Self {
        Self {
            out,
            total: total.max(1),
            written: 0,
            told: io::stderr().is_terminal().then_some(0),
        }
    }

    fn end(&self) {
        if self.told.is_some() {
            // Nothing is lost with it.
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl<W: Write> Write for Progress<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.written += count as u64;
        let percent = (self.written * 100 / self.total).min(100);
        if self.told.is_some_and(|told| told < percent) {
            self.told = Some(percent);
            let _ = write!(
                io::stderr(),
                "\rloading: {percent} % of {} MiB",
                self.total >> 20
            );
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
