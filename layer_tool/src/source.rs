//! From a manifest's records to entries, and from entries to what is on disk.

use crate::entry::{Attributes, Body, Entry};
use crate::error::{explain, Error, Place, Result};
use crate::image_path::ImagePath;
use crate::mtree::{vis, Keywords, Kind, Record};
use rustix::fs::{fadvise, Advice, OFlags};
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FILE_MODE: u32 = 0o644;
const DIR_MODE: u32 = 0o755;
const LINK_MODE: u32 = 0o777;

/// Appends the entries of a record: one, or those of a whole tree.
///
/// # Errors
/// What the record names is missing, unreadable, of another kind or a loop of links.
pub fn entries(record: Record, place: &Place, entries: &mut Vec<Entry>) -> Result<()> {
    let source = Source { place };
    let words = &record.keywords;
    let kind = words.kind.unwrap_or_default();
    if record.path.is_empty() {
        return match kind {
            // The root of an image is no entry of a layer.
            Kind::Dir => Ok(()),
            Kind::Tree => source.tree(&record.path, source.contents(words)?, words, entries),
            _ => Err(source.error("the path is the root of the image; name something below it")),
        };
    }
    let body = match kind {
        Kind::Dir => Body::Dir,
        Kind::Link => Body::Symlink(
            words
                .link
                .clone()
                .filter(|target| !target.is_empty())
                .ok_or_else(|| source.error("type=link without a target; add link=TARGET"))?,
        ),
        Kind::File => source.file(words)?,
        Kind::Tree => {
            return source.tree(&record.path, source.contents(words)?, words, entries);
        }
        Kind::Artifact => {
            let path = source.contents(words)?;
            let metadata = fs::symlink_metadata(path).map_err(source.io(path))?;
            let target = if metadata.is_symlink() {
                fs::read_link(path).map_err(source.io(path))?
            } else {
                PathBuf::new()
            };
            if target.as_os_str().is_empty() || target.is_absolute() {
                if fs::metadata(path).map_err(source.io(path))?.is_dir() {
                    return source.tree(&record.path, path, words, entries);
                }
                file(path)
            } else {
                Body::Symlink(target.into_os_string().into_vec())
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
        path: source.path(&record.path)?,
        body,
        parent_of: None,
        dmode: dmode(words),
        place: place.clone(),
    });
    Ok(())
}

/// Opens the source of a file entry, and says how many bytes it has.
///
/// # Errors
/// It is missing, unreadable, no regular file, or not of the size that the manifest says.
pub fn open(entry: &Entry, source: &Path, size: Option<u64>) -> Result<(File, u64)> {
    let at = Source {
        place: &entry.place,
    };
    let special = || {
        at.error(format!(
            "{} is no regular file, and a layer holds no devices, pipes or sockets; remove it",
            source.display()
        ))
    };
    // Opening a pipe would wait for a writer, and a socket does not open.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(source)
        .map_err(|error| match fs::metadata(source) {
            Ok(metadata) if metadata.file_type().is_socket() => special(),
            _ => at.io(source)(error),
        })?;
    let metadata = file.metadata().map_err(at.io(source))?;
    if metadata.is_dir() {
        return Err(at.error(format!(
            "{} is a folder where a file is meant; write type=tree for all that is below it",
            source.display()
        )));
    }
    if !metadata.is_file() {
        return Err(special());
    }
    match (size, metadata.len()) {
        (Some(meant), size) if meant != size => Err(at.error(format!(
            "{} has {size} bytes where size={meant} is meant; build it again, or mend size=",
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
    // Only a wish: where it is not heard, reading waits.
    let _ = fadvise(&file, 0, None, Advice::WillNeed);
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
    place: &'a Place,
}

impl Source<'_> {
    fn error(&self, problem: impl Into<String>) -> Error {
        Error::Manifest {
            place: self.place.clone(),
            problem: problem.into(),
        }
    }

    fn io<'s>(&'s self, path: &'s Path) -> impl FnOnce(std::io::Error) -> Error + 's {
        move |error| {
            self.error(format!(
                "cannot read {}: {}",
                path.display(),
                explain(&error, "build it, or mend contents=")
            ))
        }
    }

    fn path(&self, path: &[u8]) -> Result<ImagePath> {
        ImagePath::new(path).map_err(|problem| self.error(problem))
    }

    fn contents<'w>(&self, words: &'w Keywords) -> Result<&'w Path> {
        words
            .contents
            .as_deref()
            .map(|path| Path::new(OsStr::from_bytes(path)))
            .ok_or_else(|| self.error("nothing says where the bytes are; add contents=PATH"))
    }

    fn file(&self, words: &Keywords) -> Result<Body> {
        if words.contents.is_none() && words.size != Some(0) {
            return Err(self.error(
                "nothing says where the bytes are; add contents=PATH, or size=0 for an empty file",
            ));
        }
        Ok(Body::File {
            source: match &words.contents {
                Some(_) => Some(self.contents(words)?.to_owned()),
                None => None,
            },
            size: words.size,
        })
    }

    fn tree(
        &self,
        destination: &[u8],
        folder: &Path,
        words: &Keywords,
        entries: &mut Vec<Entry>,
    ) -> Result<()> {
        let metadata = fs::metadata(folder).map_err(self.io(folder))?;
        if !metadata.is_dir() {
            return Err(self.error(format!(
                "{} is a file where a folder is meant; write type=file",
                folder.display()
            )));
        }
        let mut walk = Walk {
            source: self,
            words,
            entries,
            above: Vec::new(),
        };
        walk.folder(destination.to_vec(), folder, &metadata)
    }
}

struct Walk<'a> {
    source: &'a Source<'a>,
    words: &'a Keywords,
    entries: &'a mut Vec<Entry>,
    /// Device and inode of the folders that are being walked, to see a loop.
    above: Vec<(u64, u64)>,
}

impl Walk<'_> {
    fn folder(&mut self, path: Vec<u8>, folder: &Path, metadata: &fs::Metadata) -> Result<()> {
        let identity = (metadata.dev(), metadata.ino());
        if self.above.contains(&identity) {
            return Err(self.source.error(format!(
                "{} is a link to a folder that holds it, which has no end; remove the link",
                folder.display()
            )));
        }
        self.above.push(identity);
        let mut names = fs::read_dir(folder)
            .and_then(|children| {
                children
                    .map(|child| {
                        child
                            .and_then(|child| Ok((child.file_name(), child.file_type()?.is_file())))
                    })
                    .collect::<std::io::Result<Vec<_>>>()
            })
            .map_err(self.source.io(folder))?;
        // What is below a folder names it, also where that is split from the rest.
        if names.is_empty() && !path.is_empty() {
            self.push(&path, dmode(self.words), Body::Dir)?;
        }
        names.sort();
        for (name, is_file) in names {
            let child = folder.join(&name);
            let child_path = if path.is_empty() {
                name.as_bytes().to_vec()
            } else {
                [&path[..], name.as_bytes()].join(&b'/')
            };
            if is_file {
                self.push(
                    &child_path,
                    self.words.mode.unwrap_or(FILE_MODE),
                    file(&child),
                )?;
                continue;
            }
            // A folder, or a link to anything.
            let metadata =
                fs::metadata(&child).map_err(|error| self.child_error(&child, &error))?;
            if metadata.is_dir() {
                self.folder(child_path, &child, &metadata)?;
            } else {
                self.push(
                    &child_path,
                    self.words.mode.unwrap_or(FILE_MODE),
                    file(&child),
                )?;
            }
        }
        self.above.pop();
        Ok(())
    }

    fn child_error(&self, child: &Path, error: &std::io::Error) -> Error {
        let what = match fs::read_link(child) {
            Ok(target) => format!("a link to {}", vis::escape(target.as_os_str().as_bytes())),
            Err(_) => "below a tree".to_owned(),
        };
        self.source.error(format!(
            "cannot read {} ({what}): {}",
            child.display(),
            explain(error, "mend or remove it")
        ))
    }

    fn push(&mut self, path: &[u8], mode: u32, body: Body) -> Result<()> {
        self.entries.push(Entry {
            path: self.source.path(path)?,
            attributes: attributes(self.words, mode, self.entries),
            body,
            parent_of: None,
            dmode: dmode(self.words),
            place: self.source.place.clone(),
        });
        Ok(())
    }
}
