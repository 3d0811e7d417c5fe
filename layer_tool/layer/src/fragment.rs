//! A fragment: a part of layers, compressed once and put into many of them by [`crate::concat`].
//!
//! It holds the entries of a unit but for directories, which units share: those stand in the
//! sidecar, and the layer says each once. A slice of one layer's order has its own directories
//! instead. There are no blocks that end an archive. Of gzip a fragment is deflate blocks
//! that end at a byte, of zstd a frame, else plain tar.

use crate::compress::stream::Stream;
use crate::compress::Compressor;
use crate::elf::Machines;
use crate::encoding::Encoding;
use crate::entries::{self, Order};
use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::exclude::exclude;
use crate::hashing::HashingWriter;
use crate::layer::count_files;
use crate::metadata::commit_with_json;
use crate::output::{arguments, distinct, Output};
use crate::sidecar::{Directory, EscapedPath, Segment, Sidecar};
use crate::source;
use crate::tar::builder::Builder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What to write, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Manifests, taken as one.
    pub manifests: Vec<PathBuf>,
    /// The fragment's file.
    pub output: PathBuf,
    /// The sidecar's file.
    pub sidecar: PathBuf,
    /// How to compress.
    pub encoding: Encoding,
    /// Threads that compress; 1 or more.
    pub threads: usize,
    /// Whether identical files are hard links; those of a slice never are.
    pub hard_links: bool,
    /// Globs of what is left out.
    pub exclude: Vec<String>,
    /// For a slice of a layer by path, the directory up to which the slices before it have written
    /// all directories; those below it are written. None: no slice, so all directories go to the
    /// sidecar.
    pub slice_below: Option<String>,
}

/// Writes a fragment and its sidecar, or neither.
///
/// # Errors
/// As [`crate::layer::write`].
pub fn write(options: &Options) -> Result<()> {
    distinct(
        arguments("--output", [&options.output]).chain(arguments("--metadata", [&options.sidecar])),
        arguments("--manifest", &options.manifests),
    )?;
    let mut entries = entries::read(&options.manifests)?;
    let excluded = exclude(&mut entries, &options.exclude)?;
    let order = match options.slice_below {
        Some(_) => Order::ByPath,
        None => Order::Alike,
    };
    let hard_links = options.hard_links && order.has_hard_links();
    let entries = entries::arrange(entries, order)?;
    let (directories, entries) = match &options.slice_below {
        Some(directory) => (Vec::new(), slice(entries, directory)),
        None => entries
            .into_iter()
            .partition(|entry| entry.body == Body::Dir),
    };

    source::apart(
        &entries,
        arguments("--output", [&options.output]).chain(arguments("--metadata", [&options.sidecar])),
    )?;
    let output = HashingWriter::new(Output::create(&options.output)?);
    let mut machines = Machines::new();
    let (output, segment) = segment(
        &options.encoding,
        options.threads,
        output,
        &options.output,
        |tar| {
            machines = tar.entries(entries.iter(), order.root(), hard_links)?;
            Ok(())
        },
    )?;
    let (output, sum) = output.finish();
    let sidecar = Sidecar {
        encoding: options.encoding.clone(),
        digest: sum.digest.map(String::from).unwrap_or_default(),
        segment,
        files: count_files(&entries),
        excluded,
        machines,
        paths: entries
            .iter()
            .map(|entry| EscapedPath::from(&entry.path))
            .collect(),
        directories: directories.iter().map(Directory::from).collect(),
        seal: String::new(),
    };
    commit_with_json(output, &options.sidecar, &sidecar.sealed())
}

/// The entries but for a directory and those above it.
fn slice(mut entries: Vec<Entry>, below: &str) -> Vec<Entry> {
    let below = below.trim_start_matches("./").trim_matches('/').as_bytes();
    entries.retain(|entry| {
        let written = below.strip_prefix(&*entry.path);
        entry.body != Body::Dir || !written.is_some_and(|rest| matches!(rest, [] | [b'/', ..]))
    });
    entries
}

/// Compresses what `fill` writes, with so many threads, into `out`.
///
/// # Errors
/// Those of `fill`; the output, which ends up at `path`, fails.
pub fn segment<'a, W: Write + Send + 'static>(
    encoding: &Encoding,
    threads: usize,
    out: W,
    path: &'a Path,
    fill: impl FnOnce(&mut Builder<'a, CrcWriter<W>>) -> Result<()>,
) -> Result<(W, Segment)> {
    let compressor = Compressor::segment(encoding, threads, CrcWriter::new(out))
        .map_err(Error::io("write", path))?;
    let mut tar = Builder::new(Stream::new(compressor, threads, false), path);
    fill(&mut tar)?;
    let written = tar
        .into_inner()
        .finish()
        .map_err(Error::io("write", path))?;
    let segment = Segment {
        size: written.out.size,
        checksum: written.out.crc.finalize(),
        uncompressed_size: written.size,
        crc: written.blocks.crc.finalize(),
        chunks: written.blocks.chunks,
    };
    Ok((written.out.out, segment))
}

/// A writer that counts what goes through, and takes its CRC-32.
pub struct CrcWriter<W> {
    out: W,
    crc: crc32fast::Hasher,
    size: u64,
}

impl<W> CrcWriter<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            crc: crc32fast::Hasher::new(),
            size: 0,
        }
    }
}

impl<W: Write> Write for CrcWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.crc.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
