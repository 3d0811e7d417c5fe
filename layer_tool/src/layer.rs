//! Writes a layer: plan, tar, compressor, hashes and file in one pass.

use crate::compress::{Compression, Compressor};
use crate::entry::{Body, Entry};
use crate::error::{Error, Result};
use crate::hashing::Hashing;
use crate::metadata::Metadata;
use crate::output::Output;
use crate::plan::plan;
use crate::tar;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const READ: usize = 256 << 10;

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
    let level = options.compression.level(options.level)?;
    if options.metadata.as_ref() == Some(&options.output) {
        return Err(Error::Usage(
            "--output and --metadata are one file; name another".to_owned(),
        ));
    }
    let entries = plan(&options.manifests, options.hard_links)?;

    let output = Output::create(&options.output)?;
    let compressor = Compressor::new(
        options.compression,
        level,
        options.threads,
        Hashing::new(output),
    )
    .map_err(Error::io("write", &options.output))?;
    let mut layer = Layer {
        tar: Hashing::new(compressor),
        path: &options.output,
        buffer: vec![0; READ],
    };
    for entry in &entries {
        layer.entry(entry)?;
    }
    layer.write(&tar::END)?;

    let (compressor, uncompressed) = layer.tar.finish();
    let compressed = compressor
        .finish()
        .map_err(Error::io("write", &options.output))?;
    let (output, compressed) = compressed.finish();

    let metadata = Metadata {
        name: options.name.clone(),
        media_type: options.compression.media_type().to_owned(),
        digest: compressed.digest,
        diff_id: uncompressed.digest,
        size: compressed.size,
        uncompressed_size: uncompressed.size,
        entries: entries.len() as u64,
        files: entries.iter().filter(|entry| is_file(entry)).count() as u64,
        compression: options.compression.name().to_owned(),
        level,
        compressor: options.compression.compressor(),
    };
    if let Some(path) = &options.metadata {
        let mut file = Output::create(path)?;
        let json = metadata.to_json().map_err(|error| Error::Content {
            path: path.clone(),
            problem: error.to_string(),
        })?;
        file.write_all(&json).map_err(Error::io("write", path))?;
        // The layer last: where it is, its metadata is.
        file.commit()?;
        if let Err(error) = output.commit() {
            // Best effort: the first error is the one to tell.
            let _ = std::fs::remove_file(path);
            return Err(error);
        }
        return Ok(());
    }
    output.commit()
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.body, Body::File { .. } | Body::HardLink(_))
}

struct Layer<'a> {
    tar: Hashing<Compressor<Hashing<Output>>>,
    path: &'a Path,
    buffer: Vec<u8>,
}

impl Layer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.tar
            .write_all(bytes)
            .map_err(Error::io("write", self.path))
    }

    fn entry(&mut self, entry: &Entry) -> Result<()> {
        let mut header = Vec::with_capacity(1536);
        tar::encode_header(entry, &mut header);
        self.write(&header)?;
        if let Body::File {
            source: Some(source),
            size,
        } = &entry.body
        {
            self.content(entry, source, *size)?;
            self.write(&tar::END[..tar::padding(*size)])?;
        }
        Ok(())
    }

    /// Copies exactly the bytes that the header promised.
    fn content(&mut self, entry: &Entry, source: &Path, size: u64) -> Result<()> {
        let error = |problem: String| Error::Manifest {
            place: entry.place.clone(),
            problem: format!("{}: {problem}", source.display()),
        };
        let mut file =
            File::open(source).map_err(|cause| error(format!("cannot read: {cause}")))?;
        let mut left = size;
        loop {
            let count = match file.read(&mut self.buffer) {
                Ok(count) => count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(error(format!("cannot read: {cause}"))),
            };
            let changed = |how| {
                error(format!(
                    "the file {how} while it was read ({size} bytes at first); build again when nothing writes it"
                ))
            };
            if count == 0 {
                return if left == 0 {
                    Ok(())
                } else {
                    Err(changed("shrank"))
                };
            }
            left = left
                .checked_sub(count as u64)
                .ok_or_else(|| changed("grew"))?;
            let buffer = std::mem::take(&mut self.buffer);
            let written = self.write(&buffer[..count]);
            self.buffer = buffer;
            written?;
        }
    }
}
