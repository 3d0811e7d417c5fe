//! `split`: a manifest to one for each group.

use super::named;
use layer::error::Result;
use layer::split;
use std::path::PathBuf;

/// Splits manifests into groups by regular expressions on the path in the image.
///
/// An expression is searched in the absolute path (/app/main.py); the first group that
/// finds itself takes the entry. Lookaround works.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool split --manifest all.mtree --group 'libs=/site-packages/(?!app)' --default app \\
    --output libs=libs.mtree --output app=app.mtree")]
pub struct Args {
    /// mtree(5) manifest; several are taken as one.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Group and expression, in the order of the tries.
    #[arg(long, value_name = "NAME=REGEX", value_parser = named::<String>)]
    group: Vec<(String, String)>,
    /// The group of what no expression matches.
    #[arg(long, value_name = "NAME")]
    default: String,
    /// What stands before the path that an expression is searched in.
    #[arg(long, value_name = "TEXT", default_value = "/")]
    prefix: String,
    /// Artifacts whose path this does not find are no links: their targets are written.
    #[arg(long, value_name = "REGEX")]
    links: Option<String>,
    /// The target whose attribute `layer_groups` has the groups, for errors.
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Manifest of a group; a group without one is dropped.
    #[arg(long, required = true, value_name = "NAME=FILE", value_parser = named::<PathBuf>)]
    output: Vec<(String, PathBuf)>,
    /// Sources that a group's manifest does not use, one a line, without those whose names have
    /// newlines.
    #[arg(long, value_name = "NAME=FILE", value_parser = named::<PathBuf>)]
    unused: Vec<(String, PathBuf)>,
}

impl Args {
    pub fn run(self) -> Result<()> {
        split::split(&split::Options {
            manifests: self.manifest,
            groups: self.group,
            default: self.default,
            prefix: self.prefix,
            links: self.links,
            label: self.label,
            outputs: self.output,
            unused: self.unused,
        })
    }
}
