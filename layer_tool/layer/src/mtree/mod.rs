//! mtree(5) manifests as libarchive reads and writes them, with two types of our own.
//!
//! A manifest says what goes where in an image, one entry to a line:
//!
//! ```text
//! #mtree
//! /set type=file uid=0 gid=0 mode=0755 time=1672560000
//! ./app/main.py contents=src/main.py
//! ./app/link type=link link=main.py
//! ```
//!
//! Beyond mtree(5):
//! - `type=tree contents=DIR`: all that is below the directory DIR goes here. `mode` is that of
//!   the files, `lmode` (default 0777) that of the symlinks.
//! - `type=artifact contents=PATH`: an output of a build of which only execution knows
//!   what it is: a symlink with a relative target, a directory (as `tree`), or a file. `mode` is
//!   that of a file, `lmode` that of a symlink.
//! - `links=keep|follow|listed`: what becomes of the symlinks that a tree has on disk, see
//!   [`Links`]. An artifact is one with `keep`, or without the keyword.
//! - `dmode` (default 0755): the mode of the directories that no line names, below and above.

mod parse;
pub mod vis;
mod write;

pub use parse::{check_id, owner, parse, ParseError};
pub use write::write;

/// What an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A regular file; links are followed to it.
    #[default]
    File,
    /// A directory.
    Dir,
    /// A symlink with the target of `link=`.
    Link,
    /// A directory with all that is below it.
    Tree,
    /// What stands at `contents=`.
    Artifact,
}

impl Kind {
    const NAMES: [(&'static str, Self); 5] = [
        ("file", Self::File),
        ("dir", Self::Dir),
        ("link", Self::Link),
        ("tree", Self::Tree),
        ("artifact", Self::Artifact),
    ];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// What becomes of the symlinks that stand on disk. Without the keyword they are followed, so
/// that it does not matter which files a build tool linked, and a tree has its empty directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// A relative link of a tree is a link; it is followed if what it points to is elsewhere than
    /// the image.
    Keep,
    /// All are followed, and a tree has no empty directories: what a build tool calls the content
    /// of a directory, which is the same wherever an action runs.
    Follow,
    /// As `Follow`, but for what is at and below the paths that earlier lines name as links.
    Listed,
}

impl Links {
    const NAMES: [(&'static str, Self); 3] = [
        ("keep", Self::Keep),
        ("follow", Self::Follow),
        ("listed", Self::Listed),
    ];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// A time: seconds since the epoch and nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Time {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// 0 to 999,999,999.
    pub nanoseconds: u32,
}

/// The keywords of an entry; None where neither its line nor `/set` has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keywords {
    /// `type=`
    pub kind: Option<Kind>,
    /// `mode=`, permission bits up to 07777.
    pub mode: Option<u32>,
    /// `dmode=`, the mode of directories that no line names: a tree's, and those above an entry.
    pub dmode: Option<u32>,
    /// `lmode=`, the mode of a symlink that is one on disk.
    pub lmode: Option<u32>,
    /// `uid=`
    pub uid: Option<u64>,
    /// `gid=`
    pub gid: Option<u64>,
    /// `uname=`
    pub uname: Option<Vec<u8>>,
    /// `gname=`
    pub gname: Option<Vec<u8>>,
    /// `time=`
    pub time: Option<Time>,
    /// `size=`, in bytes.
    pub size: Option<u64>,
    /// `contents=` or `content=`: where the bytes are.
    pub contents: Option<Vec<u8>>,
    /// `link=`: a symlink's target.
    pub link: Option<Vec<u8>>,
    /// `links=`
    pub links: Option<Links>,
}

/// An entry of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line, from 1 (the first, where an entry is continued).
    pub line: usize,
    /// Path in the image without a leading `/` or `./`; empty for the root.
    pub path: Vec<u8>,
    /// What the line and `/set` say of it.
    pub keywords: Keywords,
}
