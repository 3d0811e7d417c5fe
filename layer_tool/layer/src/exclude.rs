//! What is left out of a fragment although its unit has it.

use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::system;
use globset::{GlobBuilder, GlobSet};
use serde::{Deserialize, Serialize};
use std::fs;

/// How much was left out.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// Regular files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Excluded {
    /// Whether nothing was left out.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.files == 0
    }
}

/// Takes the entries out whose path in the image a glob is for.
///
/// `*` and `?` stand for no `/`, `**` for any number of directories.
///
/// # Errors
/// A glob that is none, a file that cannot be looked at.
pub fn exclude(entries: &mut Vec<Entry>, globs: &[String]) -> Result<Excluded> {
    let mut excluded = Excluded::default();
    if globs.is_empty() {
        return Ok(excluded);
    }
    let globs = set(globs)?;
    let mut result = Ok(());
    entries.retain(|entry| {
        let taken = globs.is_match(&*system::path(&entry.path));
        if taken && result.is_ok() {
            result = count(entry, &mut excluded);
        }
        !taken
    });
    result.map(|()| excluded)
}

fn set(globs: &[String]) -> Result<GlobSet> {
    let mut set = GlobSet::builder();
    for glob in globs {
        let parsed = GlobBuilder::new(glob)
            .literal_separator(true)
            .build()
            .map_err(|error| {
                Error::Usage(format!(
                    "{glob:?} of `exclude` is not a glob: {}; correct it",
                    error.kind()
                ))
            })?;
        set.add(parsed);
    }
    set.build()
        .map_err(|error| Error::Usage(format!("`exclude`: {error}; use fewer globs")))
}

fn count(entry: &Entry, excluded: &mut Excluded) -> Result<()> {
    let Body::File { source, .. } = &entry.body else {
        return Ok(());
    };
    excluded.files += 1;
    if let Some(source) = source {
        excluded.bytes += fs::metadata(source)
            .map_err(Error::io("read", source))?
            .len();
    }
    Ok(())
}
