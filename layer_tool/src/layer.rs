//! Writes a layer in one pass: plan, tar, compressor, hashes and file.

use crate::archive::Archive;
use crate::compress::{Compression, Compressor};
use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::hashing::Hashing;
use crate::metadata::{self, Metadata};
use crate::output::Output;
use crate::plan::plan;
use std::path::PathBuf;

/// What to write, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The layer's name, for its metadata.
    pub name: String,
    /// Manifests, taken as one.
    pub manifests: Vec<PathBuf>,
    /// The layer's file.
    pub output: PathBuf,
    /// The metadata's file.
    pub metadata: Option<PathBuf>,
    /// How to compress.
    pub compression: Compression,
    /// Level; None for the default.
    pub level: Option<u32>,
    /// Threads that compress; 1 or more.
    pub threads: usize,
    /// Whether files of identical content become hard links.
    pub hard_links: bool,
}

/// Writes a layer and its metadata, or neither.
///
/// # Errors
/// Wrong manifests, missing or changing sources, a file that cannot be written.
pub fn write(options: &Options) -> Result<()> {
    let compression = options.compression;
    let level = compression.level(options.level)?;
    if options.metadata.as_ref() == Some(&options.output) {
        return Err(Error::Usage(
            "--output and --metadata are one file; name another".to_owned(),
        ));
    }
    let entries = plan(&options.manifests, options.hard_links)?;

    let output = Output::create(&options.output)?;
    let write_error = Error::io("write", &options.output);
    let compressor = Compressor::new(
        compression,
        level,
        threads_for(&entries, options.threads),
        Hashing::new(output),
    )
    .map_err(write_error)?;
    // Without compression the layer is the tar, and has its digest.
    let hashing = match compression {
        Compression::None => Hashing::counting(compressor),
        Compression::Gzip | Compression::Zstd => Hashing::new(compressor),
    };
    let mut archive = Archive::new(hashing, &options.output);
    for entry in &entries {
        archive.entry(entry)?;
    }
    archive.end()?;

    let (compressor, uncompressed) = archive.into_inner().finish();
    let (output, _) = compressor
        .finish()
        .map_err(Error::io("write", &options.output))?;
    let (output, compressed) = output.finish();
    let digest = compressed.digest.unwrap_or_default();
    let Some(path) = &options.metadata else {
        return output.commit();
    };
    let metadata = Metadata {
        name: options.name.clone(),
        media_type: compression.media_type().to_owned(),
        diff_id: uncompressed.digest.or_else(|| Some(digest.clone())),
        digest,
        size: compressed.size,
        uncompressed_size: uncompressed.size,
        entries: entries.len() as u64,
        files: count_files(&entries),
        compression: compression.name().to_owned(),
        level,
        compressor: compression.compressor(),
    };
    metadata::commit_with_json(output, path, &metadata)
}

/// Regular files among entries, hard links included.
#[must_use]
pub fn count_files(entries: &[Entry]) -> u64 {
    let is_file = |entry: &&Entry| matches!(entry.body, Body::File { .. } | Body::HardLink(_));
    entries.iter().filter(is_file).count() as u64
}

/// A small layer is not worth a pool: a thread for each 4 MiB, up to `threads`.
#[must_use]
pub fn threads_for(entries: &[Entry], threads: usize) -> usize {
    const SHARE: u64 = 4 << 20;
    let size: u64 = entries
        .iter()
        .map(|entry| match entry.body {
            Body::File { size, .. } => size,
            _ => 0,
        })
        .sum();
    threads
        .min(usize::try_from(size / SHARE).unwrap_or(threads))
        .max(1)
}
