//! `validate`: checks of an image by its plan.

use super::values;
use image::validate;
use layer::error::Result;
use std::io;
use std::path::PathBuf;

/// Checks an image by its plan.
///
/// Fails if the image has more layers than image stores take and, if you ask for it, if files are
/// for another machine. Warnings go to standard error.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool validate --plan plan.json --output warnings.txt --machine x86_64")]
pub struct Args {
    /// A plan that `plan` wrote.
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// A file for the warnings; empty if there are none.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Size in MiB of the layer `packages` (packages in no group) above which there is a warning.
    #[arg(long, value_name = "N", default_value = "200")]
    warn_remote_cache_threshold_mb: u64,
    /// Number of layers from which on there is a warning.
    #[arg(long, value_name = "N", default_value = "90")]
    warn_layer_count: usize,
    /// Another warning; repeatable.
    #[arg(long, value_name = "TEXT")]
    warning: Vec<String>,
    /// Name of the hub in the keys that a warning suggests.
    #[arg(long, value_name = "NAME", default_value = "pip")]
    hub: String,
    /// The machine that the image is for: x86_64, aarch64, ... Default: not checked.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// What you get for a program or shared object for another machine.
    #[arg(long, value_name = "WHAT", value_parser = values::other_machines(), default_value = "warning")]
    other_machines: validate::OtherMachines,
}

impl Args {
    pub fn run(self) -> Result<()> {
        validate::validate(
            &validate::Options {
                plan: self.plan,
                output: self.output,
                threshold_mib: self.warn_remote_cache_threshold_mb,
                warn_layer_count: self.warn_layer_count,
                warnings: self.warning,
                hub: self.hub,
                machine: self.machine,
                other_machines: self.other_machines,
            },
            &mut io::stderr().lock(),
        )
    }
}
