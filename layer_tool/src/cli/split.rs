//! `split`: a manifest to one for each group.

use super::named;
use layer::error::Result;
use layer::split;
use std::path::PathBuf;

/// Splits manifests into groups by regular expressions on the path in the image.
///
/// An expression is searched in the absolute path (/app/main.py). The first group whose
/// expression is found takes the entry. Lookaround works.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  layer_tool split --manifest all.mtree --group 'libs=/site-packages/(?!app)' --default app \\
    --output libs=libs.mtree --output app=app.mtree")]
pub struct Args {
    /// mtree(5) manifest; several are read as one.
    #[arg(long, required = true, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Group and expression; repeat it in the order in which they are tried.
    #[arg(long, value_name = "NAME=REGEX", value_parser = named::<String>)]
    group: Vec<(String, String)>,
    /// The group of the entries that no expression matches.
    #[arg(long, value_name = "NAME")]
    default: String,
    /// Text to put before the path before an expression is searched in it.
    #[arg(long, value_name = "TEXT", default_value = "/")]
    prefix: String,
    /// Expression of the artifacts that may be links. Of others the target is written instead.
    #[arg(long, value_name = "REGEX")]
    links: Option<String>,
    /// The target whose attribute `layer_groups` has the groups, for error messages.
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Manifest of a group; the entries of a group without one are dropped.
    #[arg(long, required = true, value_name = "NAME=FILE", value_parser = named::<PathBuf>)]
    output: Vec<(String, PathBuf)>,
    /// Sources that the manifest of a group does not use, one per line, without those that have a
    /// newline in their name.
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
