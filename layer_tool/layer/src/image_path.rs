//! Paths in an image, as a layer can hold them.

use crate::mtree::vis;
use memchr::{memchr_iter, memrchr};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// In bytes: longer paths no Linux program opens (`PATH_MAX`), and readers of layers refuse.
pub const MAX_PATH: usize = 4096;

/// In bytes: longer names no file system of Linux takes (`NAME_MAX`).
pub const MAX_NAME: usize = 255;

/// What runtimes read in a name as the removal of what a lower layer has there (OCI image
/// specification 1.1, layer.md, "Whiteouts").
const WHITEOUT: &[u8] = b".wh.";

/// A path in an image, without a leading or trailing `/`: never empty, and no part of it is empty,
/// `.`, `..` or a whiteout. The directories above a file share the bytes of its path.
#[derive(Clone)]
pub struct ImagePath {
    bytes: Arc<[u8]>,
    length: usize,
}

impl ImagePath {
    /// The path of these bytes.
    ///
    /// # Errors
    /// As [`check`].
    pub fn new(bytes: &[u8]) -> Result<Self, String> {
        check(bytes)?;
        Ok(Self {
            bytes: bytes.into(),
            length: bytes.len(),
        })
    }

    /// The last part of the path.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self[memrchr(b'/', self).map_or(0, |slash| slash + 1)..]
    }

    /// What follows the last dot of the name.
    #[must_use]
    pub fn extension(&self) -> Option<&[u8]> {
        let name = self.name();
        memrchr(b'.', name).map(|dot| &name[dot + 1..])
    }

    /// The directories above the path of which more than `known` bytes are their own, topmost
    /// first.
    pub fn directories(&self, known: usize) -> impl Iterator<Item = Self> + '_ {
        memchr_iter(b'/', &self[known..]).map(move |at| Self {
            bytes: Arc::clone(&self.bytes),
            length: known + at,
        })
    }
}

impl Deref for ImagePath {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl PartialEq for ImagePath {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ImagePath {}

impl fmt::Debug for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&vis::escape(self), f)
    }
}

/// Checks that a layer can hold a path, and that what unpacks the layer can.
///
/// # Errors
/// A fragment of a message that says what is wrong with the path, and what to do.
pub fn check(path: &[u8]) -> Result<(), String> {
    if path.len() > MAX_PATH {
        return Err(format!(
            "path `{}` has {} bytes, and systems take {MAX_PATH} at most; put it below fewer or \
             shorter directories",
            beginning(path),
            path.len()
        ));
    }
    for name in path.split(|&byte| byte == b'/') {
        let wrong = match name {
            b"" => "has an empty name between its slashes, or at an end; leave that slash out",
            b"." => "has a part `.`; write the path without it",
            b".." => "climbs out with `..`; write the path without it",
            _ if name.contains(&0) => "holds a NUL byte, which no file name can; remove it",
            _ if name.starts_with(WHITEOUT) => {
                "has a name that begins with `.wh.`, by which a layer removes what is below it \
                 (OCI image specification, whiteouts); rename it or leave it out"
            }
            _ if name.len() > MAX_NAME => {
                return Err(format!(
                    "path `{}` has the name `{}` of {} bytes, and file systems take {MAX_NAME} at \
                     most; shorten it",
                    beginning(path),
                    beginning(name),
                    name.len()
                ));
            }
            _ => continue,
        };
        return Err(format!("path `{}` {wrong}", beginning(path)));
    }
    Ok(())
}

/// As much of what a manifest holds as a message has room for, escaped.
#[must_use]
pub fn beginning(bytes: &[u8]) -> String {
    const ROOM: usize = 200;
    match bytes.get(..ROOM) {
        Some(start) if bytes.len() > ROOM => vis::escape(start) + "...",
        _ => vis::escape(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_a_layer_can_hold() {
        let longest = [vec![b'n'; MAX_NAME], vec![b'm'; MAX_NAME]].join(&b'/');
        let deepest = [b"d/".repeat(MAX_PATH / 2 - 1), b"ff".to_vec()].concat();
        assert_eq!(deepest.len(), MAX_PATH);
        for path in [
            &b"a"[..],
            b"a/.b/..c/...",
            b"a/.wh",
            b".whiteout/x.wh.y",
            b"\xff\n/ ",
            &longest,
            &deepest,
        ] {
            let image_path = ImagePath::new(path).expect("a path");
            assert_eq!(*image_path, *path);
        }
    }

    #[test]
    fn paths_that_no_layer_holds() {
        let long_name = [b"a/", &[b'n'; MAX_NAME + 1][..]].concat();
        let long = b"d/".repeat(MAX_PATH / 2 + 1);
        for (path, problem) in [
            (&b""[..], "path `` has an empty name"),
            (b"/a", "path `/a` has an empty name"),
            (b"a/", "path `a/` has an empty name"),
            (b"a//b", "path `a//b` has an empty name"),
            (b"a/./b", "path `a/./b` has a part `.`; write"),
            (b"a/../b", "path `a/../b` climbs out with `..`; write"),
            (b"..", "path `..` climbs out"),
            (
                b"a\0b",
                "path `a\\000b` holds a NUL byte, which no file name can; remove it",
            ),
            (
                b"a/.wh.b",
                "path `a/.wh.b` has a name that begins with `.wh.`",
            ),
            (
                b".wh..wh..opq",
                "path `.wh..wh..opq` has a name that begins with `.wh.`",
            ),
            (
                b".wh.a/b",
                "path `.wh.a/b` has a name that begins with `.wh.`",
            ),
            (b".wh.", "path `.wh.` has a name that begins with `.wh.`"),
            (
                &long_name,
                "...` of 256 bytes, and file systems take 255 at most; shorten it",
            ),
            (
                &long,
                "d/...` has 4098 bytes, and systems take 4096 at most; put it below fewer",
            ),
        ] {
            let error = ImagePath::new(path).expect_err(problem);
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn names_and_their_extensions() {
        for (path, name, extension) in [
            ("a", "a", None),
            ("a.b/c", "c", None),
            ("a/b.tar.gz", "b.tar.gz", Some("gz")),
            ("ab/.env", ".env", Some("env")),
            ("a/b.", "b.", Some("")),
        ] {
            let path = ImagePath::new(path.as_bytes()).expect("a path");
            assert_eq!(path.name(), name.as_bytes());
            assert_eq!(path.extension(), extension.map(str::as_bytes));
        }
    }

    #[test]
    fn long_paths_are_cut_in_messages() {
        assert_eq!(beginning(&[b'n'; 200]), "n".repeat(200));
        assert_eq!(beginning(&[b'n'; 201]), "n".repeat(200) + "...");
        assert_eq!(beginning(b"a\0"), "a\\000");
    }

    #[test]
    fn directories_share_the_bytes() {
        let path = ImagePath::new(b"a/bc/d").expect("a path");
        let all: Vec<_> = path.directories(0).collect();
        assert_eq!(format!("{all:?}"), "[\"a\", \"a/bc\"]");
        assert!(all
            .iter()
            .all(|directory| Arc::ptr_eq(&directory.bytes, &path.bytes)));
        let below: Vec<_> = path.directories(2).collect();
        assert_eq!(below, all[1..]);
        assert_eq!(path.directories(5).count(), 0);
    }
}
