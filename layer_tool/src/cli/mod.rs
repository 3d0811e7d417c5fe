//! The command line: one command to a file, which hands its arguments to the crates.

mod common;
mod values;

mod archive;
mod base;
mod budget;
mod concat;
mod describe;
mod descriptor;
mod digest;
mod files;
mod image;
mod index;
mod layer;
mod links;
mod load;
mod ls;
mod plan;
mod repo_mapping;
mod report;
mod split;
mod tree_links;
mod validate;

use ::layer::error::Result;
use clap::{Parser, Subcommand};
use std::io::{self, Write};
use std::thread;

/// Writes container image layers from mtree manifests.
///
/// Each argument --params=FILE stands for the lines of FILE, one argument each.
/// Exit codes: 0, 1 for an error in the input, 2 for wrong usage.
#[derive(Parser)]
#[command(name = "layer_tool", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Layer(layer::Args),
    Concat(concat::Args),
    Split(split::Args),
    Links(links::Args),
    TreeLinks(tree_links::Args),
    Ls(ls::Args),
    RepoMapping(repo_mapping::Args),
    Report(report::Args),
    Plan(plan::Args),
    Validate(validate::Args),
    Files(files::Args),
    Base(base::Args),
    Budget(budget::Args),
    Describe(describe::Args),
    Descriptor(descriptor::Args),
    Image(Box<image::Args>),
    Index(index::Args),
    Archive(archive::Args),
    Load(load::Args),
    Digest(digest::Args),
}

impl Cli {
    /// Does what the arguments say.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Layer(args) => args.run(),
            Command::Concat(args) => args.run(),
            Command::Split(args) => args.run(),
            Command::Links(args) => args.run(),
            Command::TreeLinks(args) => args.run(),
            Command::Ls(args) => args.run(),
            Command::RepoMapping(args) => args.run(),
            Command::Report(args) => args.run(),
            Command::Plan(args) => args.run(),
            Command::Validate(args) => args.run(),
            Command::Files(args) => args.run(),
            Command::Base(args) => args.run(),
            Command::Budget(args) => args.run(),
            Command::Describe(args) => args.run(),
            Command::Descriptor(args) => args.run(),
            Command::Image(args) => args.run(),
            Command::Index(args) => args.run(),
            Command::Archive(args) => args.run(),
            Command::Load(args) => args.run(),
            Command::Digest(args) => args.run(),
        }
    }
}

fn named<T: From<String>>(argument: &str) -> std::result::Result<(String, T), String> {
    match argument.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned().into())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// As many threads as were asked for, or as there are CPUs.
fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(
        || thread::available_parallelism().map_or(1, usize::from),
        usize::from,
    )
}

/// Standard output of what people read. It takes all once its reader has seen enough, as `head`
/// has: what a command answers does not depend on that.
struct Shown(io::StdoutLock<'static>);

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}

fn stdout() -> impl Write {
    Shown(io::stdout().lock())
}

fn buffered_stdout() -> impl Write {
    io::BufWriter::new(stdout())
}
