//! Checks that links point to something in the image.

use crate::entries::each_record;
use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::mtree::{vis, Kind};
use crate::output::{arguments, distinct, Output};
use crate::source::Reader;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::PathBuf;

/// What to check.
#[derive(Clone, Debug)]
pub struct Options {
    /// Manifests whose links are checked.
    pub manifests: Vec<PathBuf>,
    /// Manifests of what else is in the image. Nothing that they name is read.
    pub elsewhere: Vec<PathBuf>,
    /// An empty file, which says that all is well.
    pub output: PathBuf,
}

/// Writes the output if each link points to what a manifest names, or to what is above or
/// below that.
///
/// # Errors
/// A link that does not; wrong manifests, artifacts that cannot be read.
pub fn check(options: &Options) -> Result<()> {
    distinct(
        arguments("--output", [&options.output]),
        arguments("--manifest", &options.manifests)
            .chain(arguments("--elsewhere", &options.elsewhere)),
    )?;
    let mut paths = BTreeSet::new();
    for manifests in [&options.manifests, &options.elsewhere] {
        each_record(manifests, |record, _| {
            paths.insert(record.path);
            Ok(())
        })?;
    }
    let mut reader = Reader::new(&options.manifests);
    each_record(&options.manifests, |record, location| {
        if record.keywords.kind == Some(Kind::Tree) {
            return Ok(());
        }
        let mut entries = Vec::new();
        reader.entries(record, location, &mut entries)?;
        entries.iter().try_for_each(|entry| points(entry, &paths))
    })?;
    Output::create(&options.output)?.commit()
}

fn points(entry: &Entry, paths: &BTreeSet<Vec<u8>>) -> Result<()> {
    let Body::Symlink(target) = &entry.body else {
        return Ok(());
    };
    let resolved = resolve(&entry.path, target);
    if is_there(&resolved, paths) {
        return Ok(());
    }
    Err(Error::Manifest {
        location: entry.location.clone(),
        problem: format!(
            "{} is a link to {}, and the image has nothing at {}; add that to what is packed, or remove the \
             link (of a package of another repository, have the package made by npm_package, which copies)",
            vis::escape(&entry.path),
            vis::escape(target),
            vis::escape(&resolved),
        ),
    })
}

/// The path in the image that a link points to, by names only.
fn resolve(link: &[u8], target: &[u8]) -> Vec<u8> {
    let mut path: Vec<&[u8]> = Vec::new();
    if !target.starts_with(b"/") {
        path.extend(link.split(|&byte| byte == b'/'));
        path.pop();
    }
    for name in target.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            // The root is its own parent.
            b".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path.join(&b'/')
}

fn is_there(path: &[u8], paths: &BTreeSet<Vec<u8>>) -> bool {
    let directory = [path, b"/"].concat();
    let below = (Bound::Included(&*directory), Bound::Unbounded);
    // A tree or a link may have it.
    let has = |(at, _): (usize, &u8)| paths.contains(&path[..at]);
    path.is_empty()
        || paths.contains(path)
        || path
            .iter()
            .enumerate()
            .filter(|(_, &byte)| byte == b'/')
            .any(has)
        || paths
            .range::<[u8], _>(below)
            .next()
            .is_some_and(|next| next.starts_with(&directory))
}
