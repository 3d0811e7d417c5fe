//! `budget`: a check of the sizes of an image.

use image::budget;
use layer::error::Result;
use std::path::PathBuf;

/// Fails if an image is larger than it may be, and tells the ten biggest parts of what is.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool budget --plan plan.json --max packages=30000000 --max-total 50000000")]
pub struct Args {
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

impl Args {
    pub fn run(self) -> Result<()> {
        budget::check(
            &budget::Options {
                plans: self.plan,
                files: self.files,
                layers: self.max,
                total: self.max_total,
                uncompressed: self.uncompressed,
            },
            &mut super::buffered_stdout(),
        )
    }
}

fn budget_of(argument: &str) -> std::result::Result<(String, u64), String> {
    let (name, bytes) = super::named::<String>(argument)?;
    match bytes.parse() {
        Ok(bytes) => Ok((name, bytes)),
        Err(_) => Err(format!("{bytes:?} is not a number of bytes")),
    }
}
