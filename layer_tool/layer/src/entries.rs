//! The entries of a layer, from manifests: in order, each path once, parents before children.

use crate::dedup::same_content;
use crate::entry::{Attributes, Body, Entry};
use crate::error::{Error, Location, Manifest, Result};
use crate::mtree::{self, vis, Record};
use crate::source::Reader;
use std::cmp::Ordering;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// What editors of Windows begin a file with that is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Calls `each` for the records of manifests.
///
/// # Errors
/// A manifest that cannot be read, or is no mtree(5); those of `each`.
pub fn each_record(
    manifests: &[PathBuf],
    mut each: impl FnMut(Record, &Location) -> Result<()>,
) -> Result<()> {
    for path in manifests {
        let bytes = fs::read(path).map_err(Error::io("read", path))?;
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        let manifest = Arc::new(Manifest {
            path: path.clone(),
            label: label(bytes),
        });
        let location = |line| Location {
            manifest: Arc::clone(&manifest),
            line,
        };
        for record in mtree::parse(bytes) {
            let record = record.map_err(|error| Error::Manifest {
                location: location(error.line),
                problem: error.problem,
            })?;
            let location = location(record.line);
            each(record, &location)?;
        }
    }
    Ok(())
}

/// What a manifest of the rules says after its first line: `#label //app:layers`.
fn label(manifest: &[u8]) -> Option<String> {
    let mut lines = manifest.splitn(3, |&byte| byte == b'\n').skip(1);
    let label = lines.next()?.strip_prefix(b"#label ")?;
    Some(String::from_utf8_lossy(label).into_owned())
}

/// The entries of the layer that manifests ask for.
///
/// # Errors
/// Those of reading the manifests and what they name; two different entries for one path.
pub fn of(manifests: &[PathBuf], order: Order) -> Result<Vec<Entry>> {
    arrange(read(manifests)?, order)
}

/// The entries that manifests name, in their order.
///
/// # Errors
/// Those of reading the manifests and what they name.
pub fn read(manifests: &[PathBuf]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut reader = Reader::new(manifests);
    each_record(manifests, |record, location| {
        reader.entries(record, location, &mut entries)
    })?;
    Ok(entries)
}

/// The order of the entries of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By path, which begins with `./`, as of a sorted manifest; identical files are written again.
    ByPath,
    /// By path, but files with some extensions follow all else by their names: those of one name
    /// are much alike, and next to each other a compressor sees that.
    Alike,
}

impl Order {
    /// How the root of the image is spelled in the layer.
    #[must_use]
    pub fn root(self) -> &'static str {
        match self {
            Self::ByPath => "./",
            Self::Alike => "",
        }
    }

    /// Whether identical files may be hard links.
    #[must_use]
    pub fn has_hard_links(self) -> bool {
        self == Self::Alike
    }
}

/// Extensions of files that those of the same name in other directories resemble: a module for
/// each of two systems of modules, its types and its source map, what describes a package.
const ALIKE: [&[u8]; 9] = [
    b"cjs", b"cts", b"js", b"json", b"map", b"md", b"mjs", b"mts", b"ts",
];

/// Puts entries in the order of a layer, each path once, with the directories above them.
///
/// # Errors
/// Two different entries for one path; one below a file.
pub fn arrange(mut entries: Vec<Entry>, order: Order) -> Result<Vec<Entry>> {
    // All that is below a directory directly follows it, which is not so in byte order:
    // there `a-b` stands between `a` and `a/b`.
    entries.sort_by(|a, b| by_component(&a.path, &b.path));
    keep_once(&mut entries)?;
    let parents = parents(&entries)?;
    entries.reserve_exact(parents.len());
    entries.extend(parents);
    entries.sort_unstable_by(|a, b| by_escapes(&a.path, &b.path));
    if order == Order::ByPath {
        return Ok(entries);
    }
    let (mut alike, mut all): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_alike);
    alike.sort_by_cached_key(|entry| entry.path.name().to_vec());
    all.append(&mut alike);
    Ok(all)
}

fn is_alike(entry: &Entry) -> bool {
    let extension = entry.path.extension();
    matches!(entry.body, Body::File { .. })
        && extension.is_some_and(|extension| ALIKE.contains(&extension))
}

/// The order of paths in which a directory is followed by what is below it.
#[must_use]
pub fn by_component(a: &[u8], b: &[u8]) -> Ordering {
    by_key(a, b, |byte| if byte == b'/' { 0 } else { byte })
}

/// The order of the lines of a sorted manifest, where a path has escapes for all but
/// printable ASCII: other tools write layers from such.
fn by_escapes(a: &[u8], b: &[u8]) -> Ordering {
    by_key(a, b, |byte| match byte {
        b'!'..=b'~' => (byte, 0),
        _ => (b'\\', byte),
    })
}

/// The order by the keys of bytes, which differ where the bytes do.
fn by_key<K: Ord>(a: &[u8], b: &[u8], key: impl Fn(u8) -> K) -> Ordering {
    let same = same_start(a, b);
    match (a.get(same), b.get(same)) {
        (Some(&a), Some(&b)) => key(a).cmp(&key(b)),
        _ => a.len().cmp(&b.len()),
    }
}

/// How many bytes two paths begin with alike.
fn same_start(a: &[u8], b: &[u8]) -> usize {
    // Most paths begin as their neighbours do: many bytes at once.
    let same = a.chunks_exact(16).zip(b.chunks_exact(16));
    let same = 16 * same.take_while(|(a, b)| a == b).count();
    let rest = a[same..].iter().zip(&b[same..]);
    same + rest.take_while(|(a, b)| a == b).count()
}

/// Keeps one entry for a path; `entries` are sorted by it.
fn keep_once(entries: &mut Vec<Entry>) -> Result<()> {
    let mut result = Ok(());
    entries.dedup_by(|second, first| {
        let one = second.path == first.path;
        if one && result.is_ok() {
            result = same(first, second);
        }
        one
    });
    result
}

/// Fails unless two entries for one path are the same.
fn same(first: &Entry, second: &Entry) -> Result<()> {
    let equal = first.attributes == second.attributes
        && (first.body == second.body || same_content(first, second)?);
    if equal {
        return Ok(());
    }
    Err(Error::Manifest {
        location: second.location.clone(),
        problem: format!(
            "{} is {} here, and {} at {}; keep one of them",
            vis::escape(&second.path),
            describe(second),
            describe(first),
            first.location,
        ),
    })
}

fn describe(entry: &Entry) -> String {
    let attributes = &entry.attributes;
    let what = match &entry.body {
        Body::Dir => "a directory".to_owned(),
        Body::Symlink(target) => format!("a link to {}", vis::escape(target)),
        Body::File { source: None, .. } => "an empty file".to_owned(),
        Body::File {
            source: Some(source),
            ..
        } => format!("the file {}", source.display()),
    };
    format!(
        "{what} (mode {:04o}, {}:{})",
        attributes.mode, attributes.uid, attributes.gid
    )
}

/// The directories that no manifest names, owned as the first entry below them is.
fn parents(entries: &[Entry]) -> Result<Vec<Entry>> {
    let mut parents = Vec::new();
    let mut before: &[u8] = b"";
    // The lengths of the directories above `before`, and itself; None where the manifest has none.
    let mut above: Vec<(usize, Option<&Entry>)> = Vec::new();
    for entry in entries {
        let path: &[u8] = &entry.path;
        let same = same_start(before, path);
        while above
            .last()
            .is_some_and(|&(length, _)| length > same || path.get(length) != Some(&b'/'))
        {
            above.pop();
        }
        if let Some((_, Some(parent))) = above.last() {
            not_below_a_file(parent, entry)?;
        }
        let known = above.last().map_or(0, |(length, _)| length + 1);
        let mut attributes = None;
        for directory in entry.path.directories(known) {
            above.push((directory.len(), None));
            let attributes = attributes.get_or_insert_with(|| {
                Arc::new(Attributes {
                    mode: entry.dmode,
                    ..(*entry.attributes).clone()
                })
            });
            parents.push(Entry {
                path: directory,
                attributes: Arc::clone(attributes),
                body: Body::Dir,
                parent_of: Some(entry.path.clone()),
                dmode: entry.dmode,
                location: entry.location.clone(),
            });
        }
        above.push((path.len(), Some(entry)));
        before = path;
    }
    Ok(parents)
}

fn not_below_a_file(parent: &Entry, child: &Entry) -> Result<()> {
    if parent.body == Body::Dir {
        return Ok(());
    }
    Err(Error::Manifest {
        location: child.location.clone(),
        problem: format!(
            "{} is below {}, which is {} at {}; keep one of them",
            vis::escape(&child.path),
            vis::escape(&parent.path),
            describe(parent),
            parent.location,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The entries of a manifest in which `@` stands for a directory with `files`.
    fn entries_of(manifest: &str, files: &[(&str, &str)]) -> Result<Vec<Entry>> {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, content) in files {
            fs::write(directory.path().join(name), content).expect("a file");
        }
        let path = directory.path().join("m");
        let directory = directory.path().to_str().expect("a path of text");
        fs::write(&path, manifest.replace('@', directory)).expect("a manifest");
        of(&[path], Order::ByPath)
    }

    #[test]
    fn one_path_twice() {
        for (files, same) in [
            (&[("1", "x"), ("2", "x")][..], true),
            (&[("1", "x"), ("2", "y")], false),
            (&[("1", "x"), ("2", "xy")], false),
        ] {
            let entries = entries_of("a contents=@/1\na contents=@/2\n", files);
            match entries {
                Ok(entries) => assert!(same && entries.len() == 1, "{entries:?}"),
                Err(error) => assert!(!same, "{error}"),
            }
        }
        // An empty file has no source, or an empty one.
        let entries =
            entries_of("a size=0\na contents=@/1\n", &[("1", "")]).expect("one empty file");
        assert_eq!(entries.len(), 1);
        let error = entries_of("a size=0\na contents=@/1 mode=0755\n", &[("1", "")])
            .expect_err("modes differ")
            .to_string();
        assert!(error.contains("m:2: a is the file"), "{error}");
        assert!(error.contains("m:1; keep one of them"), "{error}");
    }

    #[test]
    fn parents_come_first_and_are_owned_as_what_is_below() {
        let manifest = "./a/b/c size=0 uid=3\n./a-b size=0 uid=4\n./a type=dir mode=0700\n";
        let entries: Vec<_> = entries_of(manifest, &[])
            .expect("entries")
            .into_iter()
            .map(|entry| {
                (
                    entry.path.to_vec(),
                    entry.attributes.mode,
                    entry.attributes.uid,
                )
            })
            .collect();
        assert_eq!(
            entries,
            [
                (b"a".to_vec(), 0o700, 0),
                (b"a-b".to_vec(), 0o644, 4),
                (b"a/b".to_vec(), 0o755, 3),
                (b"a/b/c".to_vec(), 0o644, 3),
            ]
        );
    }

    #[test]
    fn nothing_stands_below_a_file() {
        for manifest in [
            "./a size=0\n./a/b/c size=0\n",
            "./a type=link link=b\n./a/b type=dir\n",
        ] {
            let error = entries_of(manifest, &[]).expect_err(manifest).to_string();
            assert!(
                error.contains("m:2: a/b") && error.contains("m:1; keep"),
                "{error}"
            );
        }
    }
}
