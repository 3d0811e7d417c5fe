//! `budget`: a check of the sizes of an image.

use image::budget;
use layer::error::Result;
use std::path::PathBuf;

/// Fails if an image is too large, and prints the ten biggest parts of what is too large.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool budget --plan plan.json --max packages=30000000 --max-total 50000000")]
pub struct Args {
    /// A plan that `plan` wrote; several are checked one after another.
    #[arg(long, required = true, value_name = "FILE")]
    plan: Vec<PathBuf>,
    /// A list that `files` wrote. It is used for a layer that is one unit.
    #[arg(long, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A layer and the number of bytes that it may have; repeatable.
    #[arg(long, value_name = "LAYER=BYTES", value_parser = budget_of)]
    max: Vec<(String, u64)>,
    /// The number of bytes that all layers together may have.
    #[arg(long, value_name = "BYTES")]
    max_total: Option<u64>,
    /// Count the bytes of the uncompressed tars.
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
