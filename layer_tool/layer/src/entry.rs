//! Entries of a layer, before they are bytes.

use crate::error::Location;
use crate::image_path::ImagePath;
use crate::mtree::Time;
use std::path::PathBuf;
use std::sync::Arc;

/// What all kinds of entries have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Owner's name; empty for none.
    pub uname: Vec<u8>,
    /// Group's name; empty for none.
    pub gname: Vec<u8>,
    /// Time of modification.
    pub time: Time,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A directory.
    Dir,
    /// A symlink and its target.
    Symlink(Vec<u8>),
    /// A regular file.
    File {
        /// Where its bytes are; None: it has none.
        source: Option<PathBuf>,
        /// How many bytes the manifest says there are.
        size: Option<u64>,
    },
}

/// An entry of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path in the image.
    pub path: ImagePath,
    /// Mode, owner, time; shared, as most entries have the same.
    pub attributes: Arc<Attributes>,
    /// What it is.
    pub body: Body,
    /// For a directory that no manifest names: the entry below it that it is owned as.
    pub parent_of: Option<ImagePath>,
    /// Mode of the directories above it that no manifest names.
    pub dmode: u32,
    /// The manifest line that asked for it.
    pub location: Location,
}
