//! Writes a layer in one pass: entries, tar, compressor, hashes and file.

use crate::compress::stream::Stream;
use crate::compress::{Compression, Compressor};
use crate::encoding::Encoding;
use crate::entries::{self, Order};
use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::hashing::HashingWriter;
use crate::metadata::{self, Metadata};
use crate::output::{arguments, distinct, Output};
use crate::source;
use crate::tar::builder::Builder;
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
    pub encoding: Encoding,
    /// Threads that compress; 1 or more.
    pub threads: usize,
    /// The order of the entries.
    pub order: Order,
    /// Whether identical files are hard links, in an order that has them.
    pub hard_links: bool,
}

/// Writes a layer and its metadata, or neither.
///
/// # Errors
/// Wrong manifests, missing or changing sources, a file that cannot be written.
pub fn write(options: &Options) -> Result<()> {
    let encoding = &options.encoding;
    let compression = encoding.compression();
    distinct(
        arguments("--output", [&options.output]).chain(arguments("--metadata", &options.metadata)),
        arguments("--manifest", &options.manifests),
    )?;
    let entries = entries::of(&options.manifests, options.order)?;

    source::apart(
        &entries,
        arguments("--output", [&options.output]).chain(arguments("--metadata", &options.metadata)),
    )?;
    let output = Output::create(&options.output)?;
    // Without compression the layer is the tar, and has its digest.
    let output = match compression {
        Compression::None => HashingWriter::counting(output),
        Compression::Gzip | Compression::Zstd => HashingWriter::new(output),
    };
    let compressor = Compressor::new(encoding, options.threads, output)
        .map_err(Error::io("write", &options.output))?;
    let tar = Stream::new(compressor, options.threads, true);
    let mut tar = Builder::new(tar, &options.output);
    let hard_links = options.hard_links && options.order.has_hard_links();
    let machines = tar.entries(entries.iter(), options.order.root(), hard_links)?;
    tar.end();

    let written = tar
        .into_inner()
        .finish()
        .map_err(Error::io("write", &options.output))?;
    let (output, compressed) = written.out.finish();
    let (Some(path), Some(diff_id)) = (&options.metadata, written.digest) else {
        return output.commit();
    };
    let metadata = Metadata {
        name: options.name.clone(),
        media_type: compression,
        digest: compressed.digest.unwrap_or_else(|| diff_id.clone()),
        diff_id: Some(diff_id),
        size: compressed.size,
        uncompressed_size: written.size,
        entries: entries.len() as u64,
        files: count_files(&entries),
        machines,
        compression,
        level: encoding.level(),
        compressor: encoding.compressor().map(str::to_owned),
    };
    metadata::commit_with_json(output, path, &metadata)
}

/// Regular files among entries.
#[must_use]
pub fn count_files(entries: &[Entry]) -> u64 {
    let is_file = |entry: &&Entry| matches!(entry.body, Body::File { .. });
    entries.iter().filter(is_file).count() as u64
}
