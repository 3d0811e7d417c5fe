//! The commands that show what is in an image, or check it.

use clap::Args;
use layer_tool::base;
use layer_tool::budget;
use layer_tool::error::{Error, Result};
use layer_tool::listing;
use layer_tool::oci::layout::Choice;
use layer_tool::oci::platform::Platform;
use layer_tool::output::{arguments, distinct, Output};
use layer_tool::report::{self, Facts, Format};
use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};

/// Shows what is in images: tables, JSON, or a page for a browser.
///
/// Of --metadata it shows the layers; of --plan what they are made of, and what images share.
/// With --files also which files they hold, and which are there twice. In `bazel run`,
/// --output and --against are relative to where that was called.
#[derive(Args)]
#[command(after_help = "\
Examples:
  layer_tool report --metadata libs.json --metadata app.json
  layer_tool report --plan plan.json
  layer_tool report --plan plan.json --files libs.files --files app.files --format html --open
  layer_tool report --plan new.json --against old.json --format json")]
pub struct ReportArgs {
    /// What `layer --metadata` wrote, in the order of the table.
    #[arg(long, required_unless_present = "plan", value_name = "FILE", conflicts_with_all = ["plan", "files", "against", "output"])]
    metadata: Vec<PathBuf>,
    /// What `plan` wrote; several are compared.
    #[arg(long, value_name = "FILE")]
    plan: Vec<PathBuf>,
    /// What `files` wrote of a layer of any of the plans.
    #[arg(long, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Another plan: tell what has changed since that.
    #[arg(long, value_name = "PLAN")]
    against: Option<PathBuf>,
    /// Form of the report.
    #[arg(long, value_enum, default_value = "text", overrides_with = "format")]
    format: Format,
    /// Where it goes. Default: standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Have a page in a file, for temporary ones unless --output says where, print its path,
    /// and open it in the browser if this is a terminal of a desktop.
    #[arg(long)]
    open: bool,
}

impl ReportArgs {
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
                &mut crate::buffered_stdout(),
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
            return facts.write(self.format, &mut crate::buffered_stdout(), stdout);
        };
        let mut file = Output::create(&path)?;
        facts.write(self.format, &mut file, &path)?;
        file.commit()?;
        if open {
            writeln!(crate::stdout(), "{}", path.display())
                .map_err(Error::io("write", Path::new("standard output")))?;
            show(&path);
        }
        Ok(())
    }
}

/// `bazel run` starts a program elsewhere.
fn from_here(path: PathBuf) -> PathBuf {
    env::var_os("BUILD_WORKING_DIRECTORY")
        .map_or(path.clone(), |folder| Path::new(&folder).join(path))
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

/// Lists the files of a layer, for `report`: their bytes in the tar, and digests.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool files libs.tar.gz --output libs.files")]
pub struct FilesArgs {
    /// The layer, of any compression.
    layer: PathBuf,
    /// The list, a JSON object.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl FilesArgs {
    pub fn run(self) -> Result<()> {
        listing::write(&self.layer, &self.output)
    }
}

/// Plans the layers of an image that something else wrote, and lists their files, for `report`.
///
/// They are called `base 1`, `base 2` and so on, lowest first. Each is read.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool base debian --plan debian.plan --files debian.files
  layer_tool plan --plan debian.plan --plan app.plan --output image.plan
  layer_tool report --plan image.plan --files debian.files --files app.files")]
pub struct BaseArgs {
    /// OCI image layout.
    #[arg(value_name = "FOLDER")]
    layout: PathBuf,
    /// OS/ARCHITECTURE[/VARIANT], of several.
    #[arg(long)]
    platform: Option<Platform>,
    /// Tag of the image in the layout, of several for one platform.
    #[arg(long)]
    tag: Option<String>,
    /// The image's name.
    #[arg(long, default_value = "")]
    name: String,
    /// The plan, as `plan` writes one.
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// The lists of files, as `files` writes one.
    #[arg(long, value_name = "FILE")]
    files: PathBuf,
}

impl BaseArgs {
    pub fn run(self) -> Result<()> {
        base::write(&base::Options {
            layout: self.layout,
            choice: Choice {
                platform: self.platform,
                tag: self.tag,
            },
            name: self.name,
            plan: self.plan,
            files: self.files,
        })
    }
}

/// Fails if an image is larger than it may be, and tells the ten biggest parts of what is.
#[derive(Args)]
#[command(after_help = "\
Example:
  layer_tool budget --plan plan.json --max packages=30000000 --max-total 50000000")]
pub struct BudgetArgs {
    /// What `plan` wrote; several are checked one after another.
    #[arg(long, required = true, value_name = "FILE")]
    plan: Vec<PathBuf>,
    /// What `files` wrote of a layer: it tells the files of a layer that is one unit.
    #[arg(long, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A layer and the bytes that it may have; repeatable.
    #[arg(long, value_name = "LAYER=BYTES", value_parser = budget_of)]
    max: Vec<(String, u64)>,
    /// The bytes that all layers may have.
    #[arg(long, value_name = "BYTES")]
    max_total: Option<u64>,
    /// The bytes are those of the tars, not those that are compressed.
    #[arg(long)]
    uncompressed: bool,
}

impl BudgetArgs {
    pub fn run(self) -> Result<()> {
        budget::check(
            &budget::Options {
                plans: self.plan,
                files: self.files,
                layers: self.max,
                total: self.max_total,
                uncompressed: self.uncompressed,
            },
            &mut crate::buffered_stdout(),
        )
    }
}

fn budget_of(argument: &str) -> std::result::Result<(String, u64), String> {
    let (name, bytes) = crate::named::<String>(argument)?;
    match bytes.parse() {
        Ok(bytes) => Ok((name, bytes)),
        Err(_) => Err(format!("{bytes:?} is no number of bytes")),
    }
}
