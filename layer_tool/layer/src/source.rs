//! From a manifest's records to entries, and from entries to what is on disk.

use crate::bounds::Bounds;
use crate::entries::each_record;
use crate::entry::{Attributes, Body, Entry};
use crate::error::{explain, Error, Location, Result};
use crate::image_path::ImagePath;
use crate::mtree::{vis, Keywords, Kind, Links, Record};
use crate::output::Argument;
use crate::system::{self, Id};
use crate::tree::{check, ArtifactPaths, Found, Problem, Walk};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FILE_MODE: u32 = 0o644;
const DIR_MODE: u32 = 0o755;
const LINK_MODE: u32 = 0o777;

/// Reads what the records of manifests name.
pub struct Reader<'a> {
    manifests: &'a [PathBuf],
    bounds: Bounds,
    /// What records so far say are links.
    listed: BTreeSet<Vec<u8>>,
    /// Where what the manifests name stands; read when a tree's links are to be kept.
    artifacts: Option<ArtifactPaths>,
}

impl<'a> Reader<'a> {
    /// A reader of records of these manifests.
    #[must_use]
    pub fn new(manifests: &'a [PathBuf]) -> Self {
        Self {
            manifests,
            bounds: Bounds::default(),
            listed: BTreeSet::new(),
            artifacts: None,
        }
    }

    /// Notes a link, for the trees after it.
    pub fn note(&mut self, link: &Record) {
        self.listed.insert(link.path.clone());
    }

    /// Appends the entries of the next record: one, or those of a whole tree.
    ///
    /// # Errors
    /// What the record names is missing, unreadable, of another kind, a loop of links, or a link
    /// out of the build.
    pub fn entries(
        &mut self,
        record: Record,
        location: &Location,
        entries: &mut Vec<Entry>,
    ) -> Result<()> {
        let source = Source {
            location,
            path: &record.path,
        };
        let words = &record.keywords;
        let kind = words.kind.unwrap_or_default();
        let body = match kind {
            // The root of an image is no entry of a layer.
            Kind::Dir if record.path.is_empty() => return Ok(()),
            Kind::Tree => {
                return self.tree(&source, &source.contents(words)?, words, entries);
            }
            _ if record.path.is_empty() => {
                return Err(
                    source.error("the path is the root of the image; name something below it")
                );
            }
            Kind::Dir => Body::Dir,
            Kind::Link => {
                self.note(&record);
                Body::Symlink(
                    words
                        .link
                        .clone()
                        .filter(|target| !target.is_empty())
                        .ok_or_else(|| {
                            source.error("type=link without a target; add link=TARGET")
                        })?,
                )
            }
            Kind::File => source.file(words)?,
            Kind::Artifact => {
                let path = source.contents(words)?;
                match self.artifact(&source, &path, words)? {
                    Some(body) => body,
                    None => return self.tree(&source, &path, words, entries),
                }
            }
        };
        let mode = match (&body, kind) {
            // An artifact's mode is that of a file.
            (Body::Symlink(_), Kind::Artifact) => words.lmode.unwrap_or(LINK_MODE),
            (Body::Symlink(_), _) => words.mode.unwrap_or(LINK_MODE),
            (Body::Dir, _) => words.mode.unwrap_or(DIR_MODE),
            (Body::File { .. }, _) => words.mode.unwrap_or(FILE_MODE),
        };
        entries.push(Entry {
            attributes: attributes(words, mode, entries),
            path: ImagePath::new(&record.path).map_err(|problem| source.error(problem))?,
            body,
            parent_of: None,
            dmode: dmode(words),
            location: location.clone(),
        });
        Ok(())
    }

    /// What an artifact is; None for a directory.
    fn artifact(&mut self, source: &Source, path: &Path, words: &Keywords) -> Result<Option<Body>> {
        let metadata = fs::symlink_metadata(path).map_err(source.io(path))?;
        if !metadata.is_symlink() {
            return Ok((!metadata.is_dir()).then(|| file(path)));
        }
        let target = fs::read_link(path).map_err(source.io(path))?;
        if !target.is_absolute() && matches!(words.links, None | Some(Links::Keep)) {
            return Ok(Some(Body::Symlink(system::bytes(&target).into_owned())));
        }
        check(&mut self.bounds, path).map_err(|problem| source.problem(problem))?;
        let metadata = fs::metadata(path).map_err(source.io(path))?;
        Ok((!metadata.is_dir()).then(|| file(path)))
    }

    fn tree(
        &mut self,
        source: &Source,
        directory: &Path,
        words: &Keywords,
        entries: &mut Vec<Entry>,
    ) -> Result<()> {
        let metadata = fs::metadata(directory).map_err(source.io(directory))?;
        if !metadata.is_dir() {
            return Err(source.error(format!(
                "{} is a file, but type=tree needs a directory; write type=file",
                directory.display()
            )));
        }
        if words.links == Some(Links::Keep) && self.artifacts.is_none() {
            self.artifacts = Some(artifacts(self.manifests)?);
        }
        let walk = Walk {
            links: words.links,
            listed: &self.listed,
            bounds: &mut self.bounds,
            artifacts: self.artifacts.get_or_insert_with(ArtifactPaths::default),
        };
        walk.run(source.path, directory, &mut |path, found| {
            let (mode, body) = match found {
                Found::EmptyDirectory => (dmode(words), Body::Dir),
                Found::File(path) => (words.mode.unwrap_or(FILE_MODE), file(&path)),
                Found::Link(target) => (words.lmode.unwrap_or(LINK_MODE), Body::Symlink(target)),
            };
            entries.push(Entry {
                path,
                attributes: attributes(words, mode, entries),
                body,
                parent_of: None,
                dmode: dmode(words),
                location: source.location.clone(),
            });
        })
        .map_err(|problem| source.problem(problem))
    }
}

/// Where what manifests name stands in the image.
fn artifacts(manifests: &[PathBuf]) -> Result<ArtifactPaths> {
    let mut artifacts = ArtifactPaths::default();
    each_record(manifests, |record, _| {
        if let Some(contents) = record.keywords.contents {
            artifacts.insert(contents, record.path);
        }
        Ok(())
    })?;
    Ok(artifacts)
}

/// Checks that no output is the source of an entry.
///
/// # Errors
/// One is, by whatever name.
pub fn apart<'a>(entries: &[Entry], outputs: impl Iterator<Item = Argument<'a>>) -> Result<()> {
    for (flag, output) in outputs {
        // As a rule there is none yet.
        let Ok(id) = Id::of(output) else {
            continue;
        };
        for entry in entries {
            let Body::File {
                source: Some(source),
                ..
            } = &entry.body
            else {
                continue;
            };
            if Id::of(source).is_ok_and(|source| source == id) {
                let at = Source {
                    location: &entry.location,
                    path: &entry.path,
                };
                return Err(at.error(format!(
                    "{} is also the output; name another output with {flag}",
                    source.display()
                )));
            }
        }
    }
    Ok(())
}

/// Opens the source of a file entry, and says how many bytes it has.
///
/// # Errors
/// It is missing, unreadable, no regular file, or not of the size that the manifest says.
pub fn open(entry: &Entry, source: &Path, size: Option<u64>) -> Result<(File, u64)> {
    let at = Source {
        location: &entry.location,
        path: &entry.path,
    };
    let special = || {
        at.error(format!(
            "{} is not a regular file, and a layer holds no devices, pipes or sockets; remove it",
            source.display()
        ))
    };
    let directory = || {
        at.error(format!(
            "{} is a directory, but the line needs a file; write type=tree for all that is below it",
            source.display()
        ))
    };
    let file = system::open(source).map_err(|error| match fs::metadata(source) {
        // On Windows no directory opens, anywhere no socket.
        Ok(metadata) if metadata.is_dir() => directory(),
        Ok(metadata) if !metadata.is_file() => special(),
        _ => at.io(source)(error),
    })?;
    let metadata = file.metadata().map_err(at.io(source))?;
    if metadata.is_dir() {
        return Err(directory());
    }
    if !metadata.is_file() {
        return Err(special());
    }
    match (size, metadata.len()) {
        (Some(meant), size) if meant != size => Err(at.error(format!(
            "{} has {size} bytes, but the line says size={meant}; build it again, or correct size=",
            source.display()
        ))),
        (_, size) => Ok((file, size)),
    }
}

/// As [`open`], and has the system read what is not in memory yet.
///
/// # Errors
/// As [`open`].
pub fn open_ahead(entry: &Entry, source: &Path, size: Option<u64>) -> Result<(File, u64)> {
    let (file, size) = open(entry, source, size)?;
    system::read_ahead(&file);
    Ok((file, size))
}

fn file(source: &Path) -> Body {
    Body::File {
        source: Some(source.to_owned()),
        size: None,
    }
}

fn dmode(words: &Keywords) -> u32 {
    words.dmode.unwrap_or(DIR_MODE)
}

/// Attributes as a record has them; those of the last entry if they are the same.
fn attributes(words: &Keywords, mode: u32, entries: &[Entry]) -> Arc<Attributes> {
    let attributes = Attributes {
        mode,
        uid: words.uid.unwrap_or_default(),
        gid: words.gid.unwrap_or_default(),
        uname: words.uname.clone().unwrap_or_default(),
        gname: words.gname.clone().unwrap_or_default(),
        time: words.time.unwrap_or_default(),
    };
    match entries.last() {
        Some(last) if *last.attributes == attributes => Arc::clone(&last.attributes),
        _ => Arc::new(attributes),
    }
}

struct Source<'a> {
    location: &'a Location,
    /// Path in the image.
    path: &'a [u8],
}

impl Source<'_> {
    fn error(&self, problem: impl Into<String>) -> Error {
        let mut problem = problem.into();
        if self.location.manifest.label.is_some() {
            problem = format!("{}: {problem}", vis::escape(self.path));
        }
        Error::Manifest {
            location: self.location.clone(),
            problem,
        }
    }

    fn io<'s>(&'s self, path: &'s Path) -> impl FnOnce(std::io::Error) -> Error + 's {
        move |error| {
            self.error(format!(
                "cannot read {}: {}",
                path.display(),
                explain(&error, "build it, or correct contents=")
            ))
        }
    }

    fn problem(&self, problem: Problem) -> Error {
        match problem {
            Problem::Wrong(problem) => self.error(problem),
            Problem::Io(path, error) => self.io(&path)(error),
        }
    }

    fn contents<'w>(&self, words: &'w Keywords) -> Result<Cow<'w, Path>> {
        words
            .contents
            .as_deref()
            .map(|path| system::path(path))
            .ok_or_else(|| {
                self.error("the line does not say where the bytes are; add contents=PATH")
            })
    }

    fn file(&self, words: &Keywords) -> Result<Body> {
        if words.contents.is_none() && words.size != Some(0) {
            return Err(self.error(
                "the line does not say where the bytes are; add contents=PATH, or size=0 for an empty file",
            ));
        }
        Ok(Body::File {
            source: match &words.contents {
                Some(_) => Some(self.contents(words)?.into_owned()),
                None => None,
            },
            size: words.size,
        })
    }
}
