//! The plan of a layer: its entries in order, each path once, parents before children.

use crate::entry::{Attributes, Body, Entry};
use crate::error::{Error, Place, Result};
use crate::mtree::{self, vis, Record};
use crate::source;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

/// Files of identical content that are smaller are written again: a link saves less than
/// it costs to tell, and thousands of empty files are no links of each other.
const MIN_HARD_LINK: u64 = 4096;

/// Reads manifests.
///
/// # Errors
/// A manifest that cannot be read, or is no mtree(5).
pub fn read_manifests(manifests: &[PathBuf]) -> Result<Vec<(Place, Record)>> {
    let mut records = Vec::new();
    for manifest in manifests {
        let bytes = fs::read(manifest).map_err(Error::io("read", manifest))?;
        let place = |line| Place {
            manifest: manifest.clone(),
            line,
        };
        let parsed = mtree::parse(&bytes).map_err(|error| Error::Manifest {
            place: place(error.line),
            problem: error.problem,
        })?;
        records.extend(
            parsed
                .into_iter()
                .map(|record| (place(record.line), record)),
        );
    }
    Ok(records)
}

/// Plans the layer that manifests ask for.
///
/// # Errors
/// Those of reading the manifests and what they name; two different entries for one path.
pub fn plan(manifests: &[PathBuf], hard_links: bool) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (place, record) in read_manifests(manifests)? {
        source::entries(record, &place, &mut entries)?;
    }
    // All that is below a folder directly follows it, which is not so in byte order:
    // there `a-b` stands between `a` and `a/b`.
    entries.sort_by(|a, b| by_component(&a.path, &b.path));
    let mut entries = with_parents(once(entries)?)?;
    entries.sort_by(|a, b| by_escapes(&a.path, &b.path));
    if hard_links {
        link_identical(&mut entries)?;
    }
    Ok(entries)
}

/// The order of paths in which a folder is followed by what is below it.
#[must_use]
pub fn by_component(a: &[u8], b: &[u8]) -> Ordering {
    let key = |&byte: &u8| if byte == b'/' { 0 } else { byte };
    a.iter().map(key).cmp(b.iter().map(key))
}

/// The order of the lines of a sorted manifest, where a path has escapes for all but
/// printable ASCII: other tools write layers from such.
fn by_escapes(a: &[u8], b: &[u8]) -> Ordering {
    let key = |&byte: &u8| match byte {
        b'!'..=b'~' => (byte, 0),
        _ => (b'\\', byte),
    };
    a.iter().map(key).cmp(b.iter().map(key))
}

/// Keeps one entry for a path; `entries` are sorted by it.
fn once(entries: Vec<Entry>) -> Result<Vec<Entry>> {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        match kept.last() {
            Some(last) if last.path == entry.path => same(last, &entry)?,
            _ => kept.push(entry),
        }
    }
    Ok(kept)
}

/// Fails unless two entries for one path are the same.
fn same(first: &Entry, second: &Entry) -> Result<()> {
    let equal = first.attributes == second.attributes
        && (first.body == second.body || same_content(first, second)?);
    if equal {
        return Ok(());
    }
    Err(Error::Manifest {
        place: second.place.clone(),
        problem: format!(
            "{} is {} here, and {} at {}; keep one of them",
            vis::escape(&second.path),
            describe(second),
            describe(first),
            first.place,
        ),
    })
}

fn describe(entry: &Entry) -> String {
    let attributes = &entry.attributes;
    let what = match &entry.body {
        Body::Dir => "a folder".to_owned(),
        Body::Symlink(target) => format!("a link to {}", vis::escape(target)),
        Body::File { source: None, .. } => "an empty file".to_owned(),
        Body::File {
            source: Some(source),
            ..
        } => format!("the file {}", source.display()),
        Body::HardLink(target) => format!("another name of {}", vis::escape(target)),
    };
    format!(
        "{what} (mode {:04o}, {}:{})",
        attributes.mode, attributes.uid, attributes.gid
    )
}

fn same_content(first: &Entry, second: &Entry) -> Result<bool> {
    let (
        Body::File { size, .. },
        Body::File {
            size: second_size, ..
        },
    ) = (&first.body, &second.body)
    else {
        return Ok(false);
    };
    Ok(size == second_size && digest(first)? == digest(second)?)
}

/// Puts in the folders that no manifest names, owned as the first entry below them is.
fn with_parents(entries: Vec<Entry>) -> Result<Vec<Entry>> {
    let mut all: Vec<Entry> = Vec::with_capacity(entries.len() + entries.len() / 4);
    // Index in `all` of the entries that the next path may be below.
    let mut above: Vec<usize> = Vec::new();
    for entry in entries {
        while above
            .last()
            .is_some_and(|&index| !is_below(&all[index].path, &entry.path))
        {
            above.pop();
        }
        if let Some(&index) = above.last() {
            not_below_a_file(&all[index], &entry)?;
        }
        let known = above.last().map_or(0, |&index| all[index].path.len() + 1);
        let slashes = entry.path.iter().enumerate().skip(known);
        let parents: Vec<_> = slashes
            .filter(|(_, &byte)| byte == b'/')
            .map(|(at, _)| entry.path[..at].to_vec())
            .collect();
        for path in parents {
            above.push(all.len());
            all.push(Entry {
                path,
                attributes: Attributes {
                    mode: entry.dmode,
                    ..entry.attributes.clone()
                },
                body: Body::Dir,
                parent_of: Some(entry.path.clone()),
                dmode: entry.dmode,
                place: entry.place.clone(),
            });
        }
        above.push(all.len());
        all.push(entry);
    }
    Ok(all)
}

fn is_below(folder: &[u8], path: &[u8]) -> bool {
    path.len() > folder.len() && path.starts_with(folder) && path[folder.len()] == b'/'
}

fn not_below_a_file(parent: &Entry, child: &Entry) -> Result<()> {
    if parent.body == Body::Dir {
        return Ok(());
    }
    Err(Error::Manifest {
        place: child.place.clone(),
        problem: format!(
            "{} is below {}, which is {} at {}; keep one of them",
            vis::escape(&child.path),
            vis::escape(&parent.path),
            describe(parent),
            parent.place,
        ),
    })
}

/// Makes files of identical content and attributes names of the first of them.
fn link_identical(entries: &mut [Entry]) -> Result<()> {
    let mut by_size: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Body::File { size, .. } = entry.body {
            if size >= MIN_HARD_LINK {
                by_size.entry(size).or_default().push(index);
            }
        }
    }
    for indices in by_size.into_values().filter(|indices| indices.len() > 1) {
        let mut first_of: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
        for index in indices {
            let firsts = first_of.entry(digest(&entries[index])?).or_default();
            let first = firsts
                .iter()
                .find(|&&first| entries[first].attributes == entries[index].attributes);
            match first {
                Some(&first) => {
                    entries[index].body = Body::HardLink(entries[first].path.clone());
                }
                None => firsts.push(index),
            }
        }
    }
    Ok(())
}

/// The SHA-256 of a file's content.
fn digest(entry: &Entry) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    if let Body::File {
        source: Some(source),
        ..
    } = &entry.body
    {
        File::open(source)
            .and_then(|mut file| io::copy(&mut file, &mut hasher))
            .map_err(|error| Error::Manifest {
                place: entry.place.clone(),
                problem: format!("cannot read {}: {error}", source.display()),
            })?;
    }
    Ok(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plans a manifest in which `@` stands for a folder with `files`.
    fn plan_of(manifest: &str, files: &[(&str, &str)]) -> Result<Vec<Entry>> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, content) in files {
            fs::write(folder.path().join(name), content).expect("a file");
        }
        let path = folder.path().join("m");
        let folder = folder.path().to_str().expect("a path of text");
        fs::write(&path, manifest.replace('@', folder)).expect("a manifest");
        plan(&[path], true)
    }

    #[test]
    fn one_path_twice() {
        for (files, same) in [
            (&[("1", "x"), ("2", "x")][..], true),
            (&[("1", "x"), ("2", "y")], false),
            (&[("1", "x"), ("2", "xy")], false),
        ] {
            let planned = plan_of("a contents=@/1\na contents=@/2\n", files);
            match planned {
                Ok(entries) => assert!(same && entries.len() == 1, "{entries:?}"),
                Err(error) => assert!(!same, "{error}"),
            }
        }
        // An empty file has no source, or an empty one.
        let entries = plan_of("a size=0\na contents=@/1\n", &[("1", "")]).expect("one empty file");
        assert_eq!(entries.len(), 1);
        let error = plan_of("a size=0\na contents=@/1 mode=0755\n", &[("1", "")])
            .expect_err("modes differ")
            .to_string();
        assert!(error.contains("m:2: a is the file"), "{error}");
        assert!(error.contains("m:1; keep one of them"), "{error}");
    }

    #[test]
    fn parents_come_first_and_are_owned_as_what_is_below() {
        let manifest = "./a/b/c size=0 uid=3\n./a-b size=0 uid=4\n./a type=dir mode=0700\n";
        let entries: Vec<_> = plan_of(manifest, &[])
            .expect("a plan")
            .into_iter()
            .map(|entry| (entry.path, entry.attributes.mode, entry.attributes.uid))
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
            let error = plan_of(manifest, &[]).expect_err(manifest).to_string();
            assert!(
                error.contains("m:2: a/b") && error.contains("m:1; keep"),
                "{error}"
            );
        }
    }
}
