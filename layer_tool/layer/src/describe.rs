//! The metadata of a layer that something else wrote: one pass over it.

use crate::digest::Digest;
use crate::elf::{machine, Machines};
use crate::error::{Error, Result};
use crate::metadata::{self, Metadata};
use crate::mtree::vis;
use crate::output::distinct;
use crate::tar::decompress::decompress;
use crate::tar::read::{Archive, Type};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

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
    let (file, layer) = summed(file);
    let (compression, tar) = decompress(BufReader::new(file))?;
    let (tar, content) = summed(tar);

    let mut archive = Archive::new(tar);
    let (mut entries, mut files) = (0, 0);
    let mut machines = Machines::new();
    let mut start = Vec::new();
    while let Some(entry) = archive.next_entry()? {
        entries += 1;
        files += u64::from(matches!(entry.kind, Type::File | Type::HardLink));
        start.clear();
        archive.by_ref().take(HEADER).read_to_end(&mut start)?;
        let path = &entry.path[..];
        if let Some(machine) = machine(path, &start) {
            let path = vis::escape(path.strip_prefix(b"./").unwrap_or(path));
            machines.entry(machine).or_insert(path);
        }
    }
    drop(archive);

    let (diff_id, uncompressed_size) = content.take();
    let (layer, size) = layer.take();
    Ok(Metadata {
        name: name.to_owned(),
        media_type: compression,
        digest: Digest::of_hasher(layer),
        diff_id: Some(Digest::of_hasher(diff_id)),
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

/// Hashes and counts what is read through it.
pub struct Summed<R> {
    reader: R,
    sum: Sum,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let mut sum = self.sum.borrow_mut();
        sum.0.update(&buffer[..count]);
        sum.1 += count as u64;
        Ok(count)
    }
}

/// The hash and the number of bytes so far.
pub type Sum = Rc<RefCell<(Sha256, u64)>>;

/// A reader, and what was read through it.
pub fn summed<R: Read>(reader: R) -> (Summed<R>, Sum) {
    let sum = Sum::default();
    (
        Summed {
            reader,
            sum: Rc::clone(&sum),
        },
        sum,
    )
}
