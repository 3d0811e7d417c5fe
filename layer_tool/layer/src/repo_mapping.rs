//! The repository mapping of several binaries that share one runfiles tree.
//!
//! A line is `SOURCE,NAME,TARGET`: what the repository SOURCE calls NAME stands in the
//! directory TARGET of the tree (Bazel's `_repo_mapping`).

use crate::error::{Error, Result};
use crate::output::{arguments, distinct, Output};
use std::collections::btree_map::{BTreeMap, Entry};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes the lines of several mappings, sorted, each once.
///
/// # Errors
/// A file that cannot be read or written, a line that is none, one name for two directories.
pub fn merge(inputs: &[PathBuf], output: &Path) -> Result<()> {
    distinct([("--output", output)], arguments("mapping", inputs))?;
    let mut targets = BTreeMap::new();
    for path in inputs {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        for (number, line) in text.lines().enumerate() {
            let error = |problem: String| Error::Content {
                path: path.clone(),
                problem: format!("line {}: {problem}", number + 1),
            };
            let (name, target) = line
                .rsplit_once(',')
                .filter(|(name, _)| name.contains(','))
                .ok_or_else(|| {
                    error(format!(
                        "{} is not SOURCE,NAME,TARGET; give a repo_mapping_manifest of Bazel",
                        line.escape_default()
                    ))
                })?;
            match targets.entry(name.to_owned()) {
                Entry::Vacant(entry) => {
                    entry.insert((target.to_owned(), path));
                }
                Entry::Occupied(entry) if entry.get().0 != target => {
                    let (other, other_path) = entry.get();
                    return Err(error(format!(
                        "{name} is {target} here, and {other} in {}; put these binaries into different images",
                        other_path.display()
                    )));
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    let mut file = Output::create(output)?;
    for (name, (target, _)) in targets {
        writeln!(file, "{name},{target}").map_err(Error::io("write", output))?;
    }
    file.commit()
}
