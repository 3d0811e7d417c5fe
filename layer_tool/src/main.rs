//! Container image layers from mtree manifests, and images of them, by a command line.

mod cli;
mod params;

use clap::Parser as _;
use layer::error::Result;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do if standard error is closed.
            let _ = writeln!(io::stderr(), "layer_tool: {}", one_line(&error.to_string()));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Names of files, and what other programs wrote, may hold anything.
fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<()> {
    cli::Cli::parse_from(params::expand(arguments)?).run()
}
