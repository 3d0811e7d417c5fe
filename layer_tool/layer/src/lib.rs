//! Layers of container images: written from mtree manifests, and read.
//!
//! [`mtree`] reads a manifest, [`entries`] makes it the sorted list of [`entry::Entry`] of a
//! layer, [`tar`] and [`compress`] give the bytes, and [`layer`] puts them together in one
//! pass that also hashes. The same input gives the same bytes on every machine, with any
//! number of threads.

pub mod bounds;
pub mod compress;
pub mod concat;
pub mod dedup;
pub mod describe;
pub mod digest;
pub mod elf;
pub mod encoding;
pub mod entries;
pub mod entry;
pub mod error;
pub mod exclude;
pub mod files;
pub mod fragment;
pub mod hashing;
pub mod image_path;
pub mod layer;
pub mod links;
pub mod ls;
pub mod metadata;
pub mod mtree;
pub mod output;
pub mod progress;
pub mod repo_mapping;
pub mod sidecar;
pub mod source;
pub mod split;
pub mod system;
pub mod tar;
pub mod temporary;
pub mod tree;
pub mod tree_links;

#[cfg(test)]
mod tests {
    /// By Cargo and by Bazel alike.
    #[test]
    #[should_panic(expected = "attempt to add with overflow")]
    fn overflows_are_found() {
        let _ = std::hint::black_box(u8::MAX) + 1;
    }
}
