//! The metadata of a layer that something else wrote: one pass over it.

use crate::digest::Digest;
use crate::elf::{machine, Machines};
use crate::error::{Error, Result};
use crate::list::{compression, decompress};
use crate::metadata::{self, Metadata};
use crate::mtree::vis;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;
use std::rc::Rc;
use tar::EntryType;

/// Bytes of a file that tell its machine.
const HEADER: u64 = 20;

/// Describes the layer at `path` in the file `output`.
///
/// # Errors
/// It cannot be read, or is no tar; the metadata cannot be written.
pub fn describe(path: &Path, name: &str, output: &Path) -> Result<()> {
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
    let mut file = BufReader::new(file);
    let compression = compression(file.fill_buf()?);
    let (tar, content) = summed(decompress(file)?);

    let mut archive = tar::Archive::new(tar);
    let (mut entries, mut files) = (0, 0);
    let mut machines = Machines::new();
    let mut start = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let is_file = matches!(
            entry.header().entry_type(),
            EntryType::Regular | EntryType::Link | EntryType::Continuous | EntryType::GNUSparse
        );
        entries += 1;
        files += u64::from(is_file);
        start.clear();
        entry.by_ref().take(HEADER).read_to_end(&mut start)?;
        let path = entry.path_bytes();
        if let Some(machine) = machine(&path, &start) {
            let path = vis::escape(path.strip_prefix(b"./").unwrap_or(&path));
            machines.entry(machine).or_insert(path);
        }
    }
    // The end of the archive counts, too, and a checksum that does not fit is seen.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;

    let (diff_id, uncompressed_size) = content.take();
    let (layer, size) = layer.take();
    if uncompressed_size == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "it is empty, and no tar",
        ));
    }
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
