//! `report`: what is in images.

use super::values;
use image::report::{self, Facts, Format};
use layer::error::{Error, Result};
use layer::output::{arguments, distinct, Output};
use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};

/// Shows what is in images: tables, JSON, or a page for a browser.
///
/// With --metadata it shows the layers; with --plan what they are made of, and what images share;
/// with --files also their files, and which of them are there twice. In `bazel run`, --output and
/// --against are relative to the directory where you called it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  layer_tool report --metadata libs.json --metadata app.json
  layer_tool report --plan plan.json
  layer_tool report --plan plan.json --files libs.files --files app.files --format html --open
  layer_tool report --plan new.json --against old.json --format json")]
pub struct Args {
    /// A file that `layer --metadata` wrote; repeat it in the order of the table.
    #[arg(long, required_unless_present = "plan", value_name = "FILE", conflicts_with_all = ["plan", "files", "against", "output"])]
    metadata: Vec<PathBuf>,
    /// A plan that `plan` wrote; several are compared.
    #[arg(long, value_name = "FILE")]
    plan: Vec<PathBuf>,
    /// A list that `files` wrote, for a layer of any of the plans.
    #[arg(long, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// An earlier plan: show what has changed since then.
    #[arg(long, value_name = "PLAN")]
    against: Option<PathBuf>,
    /// Form of the report.
    #[arg(long, value_parser = values::report_format(), default_value = "text", overrides_with = "format")]
    format: Format,
    /// File to write to. Default: standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the page to a file (a temporary one, unless --output names it), print its path, and
    /// open it in the browser if this is a terminal of a desktop.
    #[arg(long)]
    open: bool,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let output = self.output.map(from_here);
        let against = self.against.map(from_here);
        distinct(
            arguments("--output", &output),
            arguments("--plan", &self.plan)
                .chain(arguments("--files", &self.files))
                .chain(arguments("--against", &against)),
        )?;
        if self.plan.is_empty() {
            return report::report_metadata(
                &self.metadata,
                self.format,
                &mut super::buffered_stdout(),
            );
        }
        let facts = Facts::read(&report::Options {
            plans: self.plan,
            files: self.files,
            against,
        })?;
        let open = self.open && self.format == Format::Html;
        let Some(path) =
            output.map_or_else(|| open.then(temporary).transpose(), |path| Ok(Some(path)))?
        else {
            let stdout = Path::new("standard output");
            return facts.write(self.format, &mut super::buffered_stdout(), stdout);
        };
        let mut file = Output::create(&path)?;
        facts.write(self.format, &mut file, &path)?;
        file.commit()?;
        if open {
            writeln!(super::stdout(), "{}", path.display())
                .map_err(Error::io("write", Path::new("standard output")))?;
            show(&path);
        }
        Ok(())
    }
}

/// `bazel run` starts a program elsewhere.
fn from_here(path: PathBuf) -> PathBuf {
    env::var_os("BUILD_WORKING_DIRECTORY")
        .map_or(path.clone(), |directory| Path::new(&directory).join(path))
}

/// A file that nobody else has.
fn temporary() -> Result<PathBuf> {
    let file = tempfile::Builder::new()
        .prefix("report.")
        .suffix(".html")
        .tempfile()
        .map_err(Error::io("write", &env::temp_dir()))?;
    let (_, path) = file
        .keep()
        .map_err(|error| Error::io("write", &env::temp_dir())(error.error))?;
    Ok(path)
}

/// Opens a page where there is a desktop; its path is printed in any case.
fn show(path: &Path) {
    let desktop = cfg!(any(target_os = "macos", windows))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    if !desktop || !io::stdout().is_terminal() {
        return;
    }
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    // Without the program, the path has to do.
    let _ = Command::new(program)
        // Explorer takes no `/` between names.
        .arg(path::absolute(path).unwrap_or_else(|_| path.to_owned()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
