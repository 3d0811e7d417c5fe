//! Whether a link on disk leaves the build: what it leads to then is the machine's, and no input
//! of anything.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// As many links in a row as the system follows.
pub const HOPS: usize = 40;

/// Where an execution root has what actions made; all else in it is a source.
const OUTPUTS: &str = "bazel-out";

/// The directories that belong to a build.
///
/// These are the current directory and Bazel's execution roots (`OUTPUT_BASE/execroot/NAME`, to
/// which the links of a sandbox lead), and the sources that an execution root has links to: a link
/// among those is the user's own affair.
#[derive(Debug, Default)]
pub struct Bounds {
    here: Option<PathBuf>,
    /// Directories and files of sources, by the execution root that has links to them.
    sources: Vec<(PathBuf, Vec<PathBuf>)>,
}

impl Bounds {
    /// Where the first link out of the build points to, in the chain that begins with `link`.
    ///
    /// # Errors
    /// A directory on the way cannot be read.
    pub fn leaves(&mut self, link: &Path) -> io::Result<Option<PathBuf>> {
        let in_execution_root = execution_root(self.here()?).is_some();
        if in_execution_root && link.is_relative() && !link.starts_with(OUTPUTS) {
            return Ok(None);
        }
        self.physically_leaves(physical(link)?)
    }

    /// As [`Self::leaves`], for a path without links above its last name.
    ///
    /// # Errors
    /// There is no current directory.
    pub fn physically_leaves(&mut self, mut at: PathBuf) -> io::Result<Option<PathBuf>> {
        let here = self.here()?.to_owned();
        self.note(&here);
        for _ in 0..HOPS {
            if self.is_source(&at) {
                return Ok(None);
            }
            let Ok(target) = fs::read_link(&at) else {
                return Ok(None);
            };
            let next = normal(&at.with_file_name("").join(&target));
            self.note(&next);
            // What is not there cannot be walked through; its name tells where it would be.
            let next = physical(&next).unwrap_or(next);
            if !self.is_inside(&next)? && !self.is_source(&next) {
                return Ok(Some(target));
            }
            at = next;
        }
        Ok(None)
    }

    /// A path as manifests have it: below the execution root, or as it is.
    ///
    /// # Errors
    /// There is no current directory.
    pub fn relative<'p>(&mut self, path: &'p Path) -> io::Result<&'p Path> {
        let here = self.here()?;
        Ok(match path.strip_prefix(here) {
            Ok(below) => below,
            Err(_) => execution_root(path)
                .and_then(|root| path.strip_prefix(root).ok())
                .unwrap_or(path),
        })
    }

    fn here(&mut self) -> io::Result<&Path> {
        let here = match self.here.take() {
            Some(here) => here,
            None => fs::canonicalize(".")?,
        };
        Ok(self.here.insert(here))
    }

    fn is_inside(&mut self, path: &Path) -> io::Result<bool> {
        Ok(execution_root(path).is_some() || path.starts_with(self.here()?))
    }

    /// Notes the sources of the execution root that a path is in.
    fn note(&mut self, path: &Path) {
        let Some(root) = execution_root(path) else {
            return;
        };
        if !self.sources.iter().any(|(known, _)| *known == root) {
            let sources = linked_from(&root);
            self.sources.push((root, sources));
        }
    }

    /// Whether a path is a source, or below a directory of sources.
    fn is_source(&self, path: &Path) -> bool {
        self.sources
            .iter()
            .flat_map(|(_, sources)| sources)
            .any(|source| path.starts_with(source))
    }
}

/// `.../execroot/NAME` of a path at or below it.
fn execution_root(path: &Path) -> Option<PathBuf> {
    let mut root = PathBuf::new();
    let mut components = path.components();
    for component in components.by_ref() {
        root.push(component);
        if component.as_os_str() == "execroot" {
            root.push(components.next()?);
            return Some(root);
        }
    }
    None
}

/// What the links in an execution root and its directory of repositories lead to.
fn linked_from(root: &Path) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for directory in [root.to_owned(), root.join("external")] {
        let children = fs::read_dir(directory).into_iter().flatten().flatten();
        for child in children.map(|child| child.path()) {
            if let Ok(target) = fs::read_link(&child) {
                sources.push(normal(&root.join(target)));
                sources.extend(fs::canonicalize(&child));
            }
        }
    }
    // Where Bazel fetches repositories to.
    sources.extend(
        root.ancestors()
            .nth(2)
            .map(|output_base| output_base.join("external")),
    );
    sources
}

/// A path without links above its last name.
fn physical(path: &Path) -> io::Result<PathBuf> {
    let directory = match path.parent() {
        Some(directory) if directory.as_os_str().is_empty() => Path::new("."),
        Some(directory) => directory,
        None => return Ok(path.to_owned()),
    };
    let directory = fs::canonicalize(directory)?;
    Ok(match path.file_name() {
        Some(name) => directory.join(name),
        None => directory,
    })
}

/// A path without `.` and `..`, by names only.
fn normal(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                // The root is its own parent.
                result.pop();
            }
            component => result.push(component),
        }
    }
    result
}
