//! What is in trees beside files, as a manifest: their links and empty directories.
//!
//! Where an action runs, and what a cache brought, decides whether the trees among its inputs have
//! links, or copies of what these lead to. So one action looks, where the trees are as they were
//! made, and all others go by what it wrote (`links=listed`).

use crate::entries::each_record;
use crate::entry::Body;
use crate::error::{Error, Result};
use crate::mtree::{self, Kind};
use crate::output::{arguments, distinct, Output};
use crate::source::Reader;
use crate::split::to_record;
use std::io::Write;
use std::path::PathBuf;

/// What to look at, and where the result goes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Manifests; only trees are read.
    pub manifests: Vec<PathBuf>,
    /// Manifests of what else is in the image. Nothing that they name is read.
    pub elsewhere: Vec<PathBuf>,
    /// The manifest of links and empty directories.
    pub output: PathBuf,
}

/// Writes the manifest.
///
/// # Errors
/// Wrong manifests, trees that cannot be read, links out of the build.
pub fn write(options: &Options) -> Result<()> {
    distinct(
        arguments("--output", [&options.output]),
        arguments("--manifest", &options.manifests)
            .chain(arguments("--elsewhere", &options.elsewhere)),
    )?;
    let all = [&options.manifests[..], &options.elsewhere[..]].concat();
    let mut reader = Reader::new(&all);
    let mut records = Vec::new();
    each_record(&options.manifests, |record, location| {
        if record.keywords.kind != Some(Kind::Tree) {
            return Ok(());
        }
        let line = record.line;
        let mut entries = Vec::new();
        reader.entries(record, location, &mut entries)?;
        let others = entries
            .into_iter()
            .filter(|entry| !matches!(entry.body, Body::File { .. }));
        records.extend(others.map(|entry| to_record(line, entry)));
        Ok(())
    })?;
    let mut output = Output::create(&options.output)?;
    let mut manifest = Vec::new();
    mtree::write(&mut manifest, &records)
        .and_then(|()| output.write_all(&manifest))
        .map_err(Error::io("write", &options.output))?;
    output.commit()
}
