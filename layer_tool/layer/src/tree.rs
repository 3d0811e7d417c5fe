//! The walk of a directory, and what becomes of the links in it.

use crate::bounds::{Bounds, HOPS};
use crate::error::explain;
use crate::image_path::{ImagePath, MAX_PATH};
use crate::mtree::Links;
use crate::system;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};

/// Entries of one tree that are there by links to directories. Links beside each other double what
/// is below them with each level.
const MAX_BEHIND_LINKS: usize = 1_000_000;

/// Of node-gyp, which leaves a link to the Python that it ran with: it names the machine that
/// built a package, and nothing runs it.
const LEFT_OUT: &[u8] = b"build/node_gyp_bins";

/// The store of a package manager that makes a tree of links.
const STORE: &[u8] = b"node_modules/.pnpm";

/// What stands in a tree.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A directory without anything in it.
    EmptyDirectory,
    /// A file, by its path on disk.
    File(PathBuf),
    /// A link and its target.
    Link(Vec<u8>),
}

/// Where in the image what is on disk stands, by the path that manifests have for it.
#[derive(Debug, Default)]
pub struct ArtifactPaths(BTreeMap<Vec<u8>, Vec<u8>>);

impl ArtifactPaths {
    /// Notes one thing.
    pub fn insert(&mut self, contents: Vec<u8>, path: Vec<u8>) {
        self.0.insert(contents, path);
    }

    /// The path in the image of what is at, below or above a path that was noted.
    fn find(&self, contents: &[u8]) -> Option<Vec<u8>> {
        if let Some(path) = self.0.get(contents) {
            return Some(path.clone());
        }
        let slashes = (0..contents.len()).rev().filter(|&at| contents[at] == b'/');
        for at in slashes {
            if let Some(path) = self.0.get(&contents[..at]) {
                return Some([path, &contents[at..]].concat());
            }
        }
        let directory = [contents, b"/"].concat();
        let below = (Bound::Included(&*directory), Bound::Unbounded);
        let (file, path) = self.0.range::<[u8], _>(below).next()?;
        let rest = &file.strip_prefix(&*directory)?;
        let above = path.strip_suffix(*rest)?.strip_suffix(b"/")?;
        Some(above.to_vec())
    }
}

/// A walk of one tree.
pub struct Walk<'a> {
    /// None: as `Follow`, but with the empty directories.
    pub links: Option<Links>,
    /// Paths in the image that `Listed` does not walk.
    pub listed: &'a BTreeSet<Vec<u8>>,
    /// Which links leave the build.
    pub bounds: &'a mut Bounds,
    /// For `Keep`: where what a link leads to stands in the image.
    pub artifacts: &'a ArtifactPaths,
}

/// What is wrong with a tree.
pub enum Problem {
    /// A message.
    Wrong(String),
    /// The system's answer for a path.
    Io(PathBuf, io::Error),
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> Problem + '_ {
    move |error| Problem::Io(path.to_owned(), error)
}

/// A directory that is being walked.
struct Frame {
    /// Path in the image.
    path: Vec<u8>,
    /// Path on disk, for people.
    directory: PathBuf,
    /// The same without links, to see a loop.
    physical: PathBuf,
    behind_link: bool,
    /// What is left of it, and what each is, links not followed.
    names: std::vec::IntoIter<(OsString, fs::FileType)>,
}

impl Walk<'_> {
    /// Walks a directory that stands at a path of the image, in the order of names.
    ///
    /// # Errors
    /// What cannot be read, links out of the build, links without an end.
    pub fn run(
        mut self,
        destination: &[u8],
        directory: &Path,
        found: &mut dyn FnMut(ImagePath, Found),
    ) -> Result<(), Problem> {
        let root = match self.links {
            // A sandbox has links in the place of files, and no links.
            Some(Links::Keep) => real_directory(directory).map_err(io_at(directory))?,
            _ => directory.to_owned(),
        };
        let tree = fs::canonicalize(&root).map_err(io_at(directory))?;
        let top = tree.clone();
        let (mut behind_links, mut linked_directories, mut store) = (0, 0, None);
        let mut frames: Vec<Frame> = Vec::new();
        let mut next = Some((destination.to_vec(), root, top, false));
        loop {
            if let Some((path, directory, physical, behind_link)) = next.take() {
                let frame = frame(path, directory, physical, behind_link)?;
                if frames
                    .iter()
                    .any(|above| above.physical.as_os_str() == frame.physical.as_os_str())
                {
                    return Err(Problem::Wrong(format!(
                        "{} is a link to a directory that contains it, so it never ends; remove the link, or keep links by links=keep",
                        frame.directory.display()
                    )));
                }
                // What is below a directory names it, also where that is split from the rest.
                if frame.names.len() == 0
                    && !frame.path.is_empty()
                    && matches!(self.links, None | Some(Links::Keep))
                {
                    found(image_path(&frame.path)?, Found::EmptyDirectory);
                }
                frames.push(frame);
            }
            let Some(frame) = frames.last_mut() else {
                break;
            };
            let Some((name, kind)) = frame.names.next() else {
                frames.pop();
                continue;
            };
            let child = frame.directory.join(&name);
            let mut physical = frame.physical.join(&name);
            let mut behind_link = frame.behind_link;
            let path = match &frame.path[..] {
                [] => name.into_encoded_bytes(),
                path => [path, name.as_encoded_bytes()].join(&b'/'),
            };
            if ends_with(&path, LEFT_OUT)
                || (self.links == Some(Links::Listed) && self.listed.contains(&path))
            {
                continue;
            }
            if ends_with(&path, STORE) {
                store = Some(child.clone());
            }
            if behind_link {
                if behind_links == MAX_BEHIND_LINKS {
                    return Err(Problem::Wrong(format!(
                        "{} has more than {MAX_BEHIND_LINKS} files behind links to directories; keep links by links=keep, or remove some",
                        directory.display()
                    )));
                }
                behind_links += 1;
            }
            let mut is_directory = kind.is_dir();
            if kind.is_symlink() {
                let target = fs::read_link(&physical).map_err(io_at(&child))?;
                let kept = match self.links {
                    Some(Links::Keep) => {
                        self.kept((&tree, destination), &path, &child, &physical, &target)?
                    }
                    _ => None,
                };
                let leads_to = fs::metadata(&physical).map(|metadata| metadata.is_dir());
                if let Some(kept) = kept {
                    linked_directories += usize::from(leads_to.unwrap_or(false));
                    found(image_path(&path)?, Found::Link(kept));
                    continue;
                }
                let leaves = self.bounds.physically_leaves(physical.clone());
                inside(leaves, &child)?;
                is_directory = leads_to.map_err(|error| {
                    Problem::Wrong(format!(
                        "cannot read {} (a link to {}): {}",
                        child.display(),
                        target.display(),
                        explain(&error, "correct or remove it")
                    ))
                })?;
                if is_directory {
                    physical = fs::canonicalize(&physical).map_err(io_at(&child))?;
                    behind_link = true;
                }
            }
            if is_directory {
                // What is wrong with a path is said of the whole, at its end, if that is near.
                if path.len() > 2 * MAX_PATH {
                    image_path(&path)?;
                }
                next = Some((path, child, physical, behind_link));
            } else {
                found(image_path(&path)?, Found::File(child));
            }
        }
        match store {
            Some(store) if self.links == Some(Links::Keep) && linked_directories == 0 => {
                Err(Problem::Wrong(format!(
                    "{} is a store of packages, but nothing in {} links to one of them: a cache has brought copies instead of the links; build with --remote_download_outputs=all, or set tree_links to follow",
                    store.display(),
                    directory.display()
                )))
            }
            _ => Ok(()),
        }
    }

    /// The target of a link that stays one; None for what is to be followed.
    fn kept(
        &mut self,
        (tree, destination): (&Path, &[u8]),
        path: &[u8],
        shown: &Path,
        link: &Path,
        target: &Path,
    ) -> Result<Option<Vec<u8>>, Problem> {
        if target.is_absolute() {
            return Ok(None);
        }
        let at = match way(tree, link, target) {
            Way::Inside => return Ok(Some(system::bytes(target).into_owned())),
            Way::Outside(at) => at,
        };
        inside(self.bounds.physically_leaves(link.to_owned()), shown)?;
        let place = if let Ok(below) = at.strip_prefix(tree) {
            Some([destination, &*system::bytes(below)].join(&b'/'))
        } else {
            let contents = self.bounds.relative(&at).map_err(io_at(shown))?;
            self.artifacts.find(&system::bytes(contents))
        };
        Ok(place.map(|place| relative(path, &place)))
    }
}

/// How a link of a tree leads to its target.
enum Way {
    /// By nothing but what is in the tree; a loop is.
    Inside,
    /// To this path, by what the image has at another place, or has not.
    Outside(PathBuf),
}

/// Follows a link, but not what it leads to if that is one, too.
fn way(tree: &Path, link: &Path, target: &Path) -> Way {
    let mut is_inside = link.starts_with(tree);
    let mut at = link.to_owned();
    at.pop();
    let mut left = reversed(target);
    let mut hops = 0;
    while let Some(name) = left.pop() {
        match Path::new(&name).components().next() {
            Some(Component::Normal(name)) => at.push(name),
            Some(Component::ParentDir) => {
                at.pop();
            }
            Some(Component::CurDir) | None => {}
            Some(root) => at.push(root),
        }
        is_inside &= at.starts_with(tree);
        let next = match fs::read_link(&at) {
            // By other absolute links a build has its sources.
            Ok(next) if next.is_relative() || at.starts_with(tree) => next,
            _ => continue,
        };
        if left.is_empty() {
            break;
        }
        if hops == HOPS {
            return Way::Inside;
        }
        hops += 1;
        at.pop();
        left.extend(reversed(&next));
    }
    if is_inside {
        Way::Inside
    } else {
        Way::Outside(at)
    }
}

/// The names of a path, the last first.
fn reversed(path: &Path) -> Vec<OsString> {
    path.iter().rev().map(OsString::from).collect()
}

fn image_path(path: &[u8]) -> Result<ImagePath, Problem> {
    ImagePath::new(path).map_err(Problem::Wrong)
}

fn frame(
    path: Vec<u8>,
    directory: PathBuf,
    physical: PathBuf,
    behind_link: bool,
) -> Result<Frame, Problem> {
    let mut names = fs::read_dir(&physical)
        .and_then(|children| {
            children
                .map(|child| child.and_then(|child| Ok((child.file_name(), child.file_type()?))))
                .collect::<io::Result<Vec<_>>>()
        })
        .map_err(io_at(&directory))?;
    names.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(Frame {
        path,
        directory,
        physical,
        behind_link,
        names: names.into_iter(),
    })
}

/// Fails for a link that leads out of the build.
///
/// # Errors
/// It does, or cannot be followed.
pub fn check(bounds: &mut Bounds, link: &Path) -> Result<(), Problem> {
    inside(bounds.leaves(link), link)
}

fn inside(leaves: io::Result<Option<PathBuf>>, link: &Path) -> Result<(), Problem> {
    match leaves.map_err(io_at(link))? {
        Some(target) => Err(Problem::Wrong(format!(
            "{} is a link to {}, which is outside the build, and belongs to this machine; link to something that is built or checked in, or remove the link",
            link.display(),
            target.display()
        ))),
        None => Ok(()),
    }
}

/// Whether a path is, or ends in, the names of another.
fn ends_with(path: &[u8], names: &[u8]) -> bool {
    path.strip_suffix(names)
        .is_some_and(|above| above.is_empty() || above.ends_with(b"/"))
}

/// The target of a link at one path of the image to another.
fn relative(link: &[u8], target: &[u8]) -> Vec<u8> {
    let mut directory: Vec<&[u8]> = link.split(|&byte| byte == b'/').collect();
    directory.pop();
    let target: Vec<&[u8]> = target
        .split(|&byte| byte == b'/')
        .filter(|name| !name.is_empty())
        .collect();
    let shared = directory
        .iter()
        .zip(&target)
        .take_while(|(a, b)| a == b)
        .count();
    let up = std::iter::repeat_n(&b".."[..], directory.len() - shared);
    let names: Vec<_> = up.chain(target[shared..].iter().copied()).collect();
    if names.is_empty() {
        return b".".to_vec();
    }
    names.join(&b'/')
}

/// The directory that a sandbox shows by a link for each file, to the same path in the execution
/// root; any other is itself.
fn real_directory(directory: &Path) -> io::Result<PathBuf> {
    let mut at = directory.to_owned();
    let mut names = 0;
    loop {
        let Some(child) = fs::read_dir(&at)?.next().transpose()? else {
            return Ok(directory.to_owned());
        };
        let kind = child.file_type()?;
        at.push(child.file_name());
        names += 1;
        if kind.is_dir() {
            continue;
        }
        let target = fs::read_link(&at).unwrap_or_default();
        return Ok(if target.is_absolute() && target.ends_with(&at) {
            let real = target.ancestors().nth(names).map(Path::to_owned);
            real.unwrap_or_else(|| directory.to_owned())
        } else {
            directory.to_owned()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_link_leads_to_in_the_image() {
        let mut artifacts = ArtifactPaths::default();
        for (contents, path) in [
            ("out/a/tree", "r/m/a/tree"),
            ("out/b/c/file", "r/m/b/c/file"),
        ] {
            artifacts.insert(contents.into(), path.into());
        }
        for (contents, path) in [
            ("out/a/tree", Some("r/m/a/tree")),
            ("out/a/tree/x/y", Some("r/m/a/tree/x/y")),
            ("out/b/c/file", Some("r/m/b/c/file")),
            ("out/b/c", Some("r/m/b/c")),
            ("out/b", Some("r/m/b")),
            ("out/b/d", None),
            ("out/a/tre", None),
        ] {
            let found = artifacts.find(contents.as_bytes());
            assert_eq!(found.as_deref(), path.map(str::as_bytes), "{contents}");
        }
    }

    #[test]
    fn targets_from_a_link() {
        for (link, target, expected) in [
            ("a/l", "a/b", "b"),
            ("a/b/l", "a/c/d", "../c/d"),
            ("l", "a", "a"),
            ("a/b/l", "c", "../../c"),
            ("a/b/l", "a", ".."),
            ("a/b/l", "a/b", "."),
            ("a/l", "a/", "."),
            ("l", "/", "."),
            ("l", "/a", "a"),
        ] {
            let found = relative(link.as_bytes(), target.as_bytes());
            assert_eq!(found, expected.as_bytes(), "{link} to {target}");
        }
    }
}
