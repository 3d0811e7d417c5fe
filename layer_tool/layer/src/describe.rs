//! The metadata of a layer that something else wrote: one pass over it.

use crate::elf::{machine, Machines};
use crate::error::{Error, Result};
use crate::hashing::HashingReader;
use crate::metadata::{self, Metadata};
use crate::mtree::vis;
use crate::output::distinct;
use crate::tar::decompress::decompress;
use crate::tar::{self, Limits, Type};
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

/// Bytes of a file that tell its machine.
const HEADER: u64 = 20;

/// Describes the layer at `path` in the file `output`.
///
/// # Errors
/// It cannot be read, or is no tar; the metadata cannot be written, or would take its place.
pub fn describe(path: &Path, name: &str, output: &Path) -> Result<()> {
    distinct([("--metadata", output)], [("layer", path)])?;
    metadata::create_json(output, &metadata_of(path, name)?)?.commit()
}

/// What there is to know of the layer at `path`, which will be called `name`.
///
/// # Errors
/// It cannot be read, or is no tar.
pub fn metadata_of(path: &Path, name: &str) -> Result<Metadata> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    read(file, name).map_err(Error::io("describe", path))
}

fn read(file: File, name: &str) -> io::Result<Metadata> {
    let (file, layer_hash) = HashingReader::new(file);
    let (compression, tar) = decompress(BufReader::new(file))?;
    let (tar, tar_hash) = HashingReader::new(tar);

    let (mut entries, mut files) = (0, 0);
    let mut machines = Machines::new();
    let mut start = Vec::new();
    tar::read(tar, Limits::default(), |entry, content| {
        entries += 1;
        files += u64::from(matches!(entry.kind, Type::File | Type::HardLink));
        start.clear();
        content.take(HEADER).read_to_end(&mut start)?;
        let path = &entry.path[..];
        if let Some(machine) = machine(path, &start) {
            let path = vis::escape(path.strip_prefix(b"./").unwrap_or(path));
            machines.entry(machine).or_insert(path);
        }
        Ok(())
    })?;

    let (diff_id, uncompressed_size) = tar_hash.finish();
    let (digest, size) = layer_hash.finish();
    Ok(Metadata {
        name: name.to_owned(),
        media_type: compression,
        digest,
        diff_id: Some(diff_id),
        size,
        uncompressed_size,
        entries,
        files,
        machines,
        compression,
        // What made it is not known.
        level: None,
        compressor: None,
    })
}
