//! Puts fragments together into a layer, without compressing them again.
//!
//! The layer is a prelude (the directories of all fragments, each once), the fragments in
//! their order, and the blocks that end an archive.

use crate::compress::chunk::{Background, BufferPool, SharedChunk, CHUNK};
use crate::compress::deflate::inflater;
use crate::compress::pool::{self, Sink, WorkerPool};
use crate::compress::{gzip, Compression};
use crate::digest::Digest;
use crate::elf::Machines;
use crate::encoding::Encoding;
use crate::entries::by_component;
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::fragment;
use crate::hashing::HashingWriter;
use crate::metadata::{commit_with_json, create_json, Metadata};
use crate::mtree::vis;
use crate::output::{arguments, distinct, Output};
use crate::sidecar::{Segment, Sidecar};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to put together, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The layer's name, for its metadata.
    pub name: String,
    /// Fragments and their sidecars, in the order of the layer.
    pub fragments: Vec<(PathBuf, PathBuf)>,
    /// The layer's file; None if only the metadata is wanted.
    pub output: Option<PathBuf>,
    /// The metadata's file; None if only the layer is wanted, of which nothing is hashed then.
    pub metadata: Option<PathBuf>,
    /// How the fragments are compressed.
    pub encoding: Encoding,
    /// Threads that decompress for the diffID; 1 or more.
    pub threads: usize,
    /// Whether the metadata has the diffID.
    pub diff_id: bool,
}

/// Writes a layer, its metadata or both; nothing if that fails.
///
/// # Errors
/// Fragments that differ in form, are damaged or hold one path twice; a file that cannot
/// be written.
pub fn write(options: &Options) -> Result<()> {
    let encoding = &options.encoding;
    let compression = encoding.compression();
    let path = match (&options.output, &options.metadata) {
        (Some(path), _) | (None, Some(path)) => path,
        (None, None) => {
            return Err(Error::Usage(
                "nothing to write; give --output, --metadata or both".to_owned(),
            ));
        }
    };
    distinct(
        arguments("--output", &options.output).chain(arguments("--metadata", &options.metadata)),
        options.fragments.iter().flat_map(|(fragment, sidecar)| {
            [
                ("--fragment", fragment.as_path()),
                ("--sidecar", sidecar.as_path()),
            ]
        }),
    )?;
    let mut sidecars = Vec::with_capacity(options.fragments.len());
    for (_, path) in &options.fragments {
        let sidecar = Sidecar::read(path)?;
        if sidecar.encoding != *encoding {
            return Err(Error::Content {
                path: path.clone(),
                problem: format!(
                    "the compression of the fragment is {}, but that of the layer is {encoding}; use the same for both",
                    sidecar.encoding
                ),
            });
        }
        sidecars.push((path.as_path(), sidecar));
    }
    let directories = directories(&sidecars)?;
    paths_once(&sidecars, &directories)?;

    let in_memory = Path::new("memory");
    let (prelude, prelude_segment) =
        fragment::segment(encoding, 1, Vec::new(), in_memory, |archive| {
            archive
                .entries(
                    directories.values().map(|directory| &directory.entry),
                    "",
                    false,
                )
                .map(drop)
        })?;
    let (end, end_segment) = fragment::segment(encoding, 1, Vec::new(), in_memory, |archive| {
        archive.end();
        Ok(())
    })?;

    let output = MaybeOutput(options.output.as_deref().map(Output::create).transpose()?);
    let mut layer = Layer {
        out: match &options.metadata {
            Some(_) => HashingWriter::new(output),
            None => HashingWriter::counting(output),
        },
        path,
        buffers: BufferPool::new(pool::buffer_count(options.threads)),
        diff_id: DiffId::new(options).map_err(Error::io("write", path))?,
        crc: crc32fast::Hasher::new(),
        size: 0,
    };
    if compression == Compression::Gzip {
        layer.write(&gzip::HEADER)?;
    }
    layer.segment(in_memory, Cursor::new(prelude), &prelude_segment)?;
    for ((path, _), (_, sidecar)) in options.fragments.iter().zip(&sidecars) {
        let file = File::open(path).map_err(Error::io("read", path))?;
        layer.segment(path, file, &sidecar.segment)?;
    }
    layer.segment(in_memory, Cursor::new(end), &end_segment)?;
    if compression == Compression::Gzip {
        let trailer = gzip::trailer(layer.crc.clone(), layer.size);
        layer.write(&trailer)?;
    }

    let diff_id = layer
        .diff_id
        .finish(&layer.crc, layer.size)
        .map_err(|error| Error::Content {
            path: path.clone(),
            problem: format!(
                "a fragment does not decompress to what its sidecar says ({error}); write it again"
            ),
        })?;
    let (MaybeOutput(output), sum) = layer.out.finish();
    let (Some(path), Some(digest)) = (&options.metadata, sum.digest) else {
        return output.map_or(Ok(()), Output::commit);
    };
    let paths: usize = sidecars
        .iter()
        .map(|(_, sidecar)| sidecar.paths.len())
        .sum();
    let metadata = Metadata {
        name: options.name.clone(),
        media_type: compression,
        // Without compression the layer is the tar.
        diff_id: diff_id.or_else(|| {
            (options.diff_id && compression == Compression::None).then(|| digest.clone())
        }),
        digest,
        size: sum.size,
        uncompressed_size: layer.size,
        entries: (directories.len() + paths) as u64,
        files: sidecars.iter().map(|(_, sidecar)| sidecar.files).sum(),
        machines: machines(&sidecars),
        compression,
        level: encoding.level(),
        compressor: encoding.compressor().map(str::to_owned),
    };
    match output {
        Some(output) => commit_with_json(output, path, &metadata),
        None => create_json(path, &metadata)?.commit(),
    }
}

/// The first file for each machine.
fn machines(sidecars: &[(&Path, Sidecar)]) -> Machines {
    let mut all = Machines::new();
    for (machine, path) in sidecars.iter().flat_map(|(_, sidecar)| &sidecar.machines) {
        all.entry(machine.clone()).or_insert_with(|| path.clone());
    }
    all
}

/// A directory of the layer, and the sidecar that it is from.
struct DirectoryOf<'a> {
    entry: Entry,
    sidecar: &'a Path,
}

/// The directories of all fragments by path, as one `layer` over all would have them.
fn directories<'a>(sidecars: &[(&'a Path, Sidecar)]) -> Result<BTreeMap<Vec<u8>, DirectoryOf<'a>>> {
    let mut all: BTreeMap<Vec<u8>, DirectoryOf<'a>> = BTreeMap::new();
    for (sidecar, directory) in sidecars.iter().flat_map(|(path, sidecar)| {
        sidecar
            .directories
            .iter()
            .map(move |directory| (*path, directory))
    }) {
        let entry = directory.entry(sidecar);
        let Some(old) = all.get_mut(&*entry.path) else {
            all.insert(entry.path.to_vec(), DirectoryOf { entry, sidecar });
            continue;
        };
        let replace = match (&old.entry.parent_of, &entry.parent_of) {
            // What a manifest names is as it says.
            (Some(_), None) => true,
            (None, Some(_)) => false,
            // Owned as the first entry below it.
            (Some(old), Some(new)) => by_component(new, old).is_lt(),
            (None, None) if old.entry.attributes == entry.attributes => false,
            (None, None) => {
                return Err(Error::Content {
                    path: sidecar.to_owned(),
                    problem: format!(
                        "directory {} has another mode, owner or time in {}; keep one of them",
                        vis::escape(&directory.path),
                        old.sidecar.display()
                    ),
                });
            }
        };
        if replace {
            *old = DirectoryOf { entry, sidecar };
        }
    }
    Ok(all)
}

/// Fails for a path of two fragments, or of a file and a directory.
fn paths_once(
    sidecars: &[(&Path, Sidecar)],
    directories: &BTreeMap<Vec<u8>, DirectoryOf<'_>>,
) -> Result<()> {
    let count = sidecars
        .iter()
        .map(|(_, sidecar)| sidecar.paths.len())
        .sum();
    let mut seen: HashMap<&str, &Path> = HashMap::with_capacity(count);
    for (sidecar, content) in sidecars {
        for path in &content.paths {
            if let Some(first) = seen.insert(path.as_str(), sidecar) {
                return Err(Error::Content {
                    path: (*sidecar).to_owned(),
                    problem: format!(
                        "{} is also in {}; keep one of them",
                        path.as_str(),
                        first.display()
                    ),
                });
            }
        }
    }
    for (path, directory) in directories {
        let path = vis::escape(path);
        if let Some(file) = seen.get(path.as_str()) {
            return Err(Error::Content {
                path: directory.sidecar.to_owned(),
                problem: format!(
                    "{path} is a directory here, but not in {}; keep one of them",
                    file.display()
                ),
            });
        }
    }
    Ok(())
}

/// Where the layer goes, if it is wanted.
struct MaybeOutput(Option<Output>);

impl Write for MaybeOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(output) => output.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Some(output) => output.flush(),
            None => Ok(()),
        }
    }
}

struct Layer<'a> {
    out: HashingWriter<MaybeOutput>,
    path: &'a Path,
    buffers: BufferPool,
    diff_id: DiffId,
    crc: crc32fast::Hasher,
    /// Bytes of the tar.
    size: u64,
}

impl Layer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out
            .write_all(bytes)
            .map_err(Error::io("write", self.path))
    }

    /// Copies a segment, and checks that it is the one that its sidecar describes.
    fn segment(&mut self, path: &Path, mut reader: impl Read, segment: &Segment) -> Result<()> {
        let damaged = |problem: &str| Error::Content {
            path: path.to_owned(),
            problem: format!("{problem}; write the fragment and its sidecar again"),
        };
        // Any pieces will do but to inflate them.
        let whole = [segment.size];
        let pieces = if segment.chunks.is_empty() {
            &whole[..]
        } else {
            &segment.chunks
        };
        let mut checksum = crc32fast::Hasher::new();
        for &piece in pieces {
            let mut left = piece;
            while left > 0 {
                let count = left.min(2 * CHUNK as u64);
                let mut chunk = self.buffers.take();
                chunk.clear();
                let read = (&mut reader)
                    .take(count)
                    .read_to_end(&mut chunk)
                    .map_err(Error::io("read", path))?;
                if (read as u64) < count {
                    return Err(damaged("the fragment is cut short"));
                }
                checksum.update(&chunk);
                self.out
                    .write_all(&chunk)
                    .map_err(Error::io("write", self.path))?;
                self.diff_id
                    .send(Arc::new(chunk))
                    .map_err(|error| damaged(&format!("it does not decompress ({error})")))?;
                left -= count;
            }
        }
        if reader.read(&mut [0]).map_err(Error::io("read", path))? > 0 {
            return Err(damaged("the fragment is longer than its sidecar says"));
        }
        if checksum.finalize() != segment.checksum {
            return Err(damaged("the fragment does not belong to its sidecar"));
        }
        self.size = self
            .size
            .checked_add(segment.uncompressed_size)
            .ok_or_else(|| damaged("the layer would be larger than any file"))?;
        self.crc.combine(&crc32fast::Hasher::new_with_initial_len(
            segment.crc,
            segment.uncompressed_size,
        ));
        Ok(())
    }
}

/// What finds the tar's digest again, beside the writing.
enum DiffId {
    /// It is not wanted, or is that of the layer.
    Unread,
    /// Of gzip, whose chunks are inflated at once.
    Deflate(WorkerPool<Inflated>),
    /// Of zstd, whose frames are decoded one after another.
    Zstd(Background<Decoder>),
}

type Decoder = zstd::stream::write::Decoder<'static, HashingWriter<io::Sink>>;

impl DiffId {
    fn new(options: &Options) -> io::Result<Self> {
        let hashing = HashingWriter::new(io::sink());
        Ok(match options.encoding.compression() {
            _ if options.metadata.is_none() || !options.diff_id => Self::Unread,
            Compression::None => Self::Unread,
            Compression::Gzip => {
                let crc = crc32fast::Hasher::new();
                let sink = Inflated { out: hashing, crc };
                Self::Deflate(WorkerPool::new(options.threads, inflater, sink))
            }
            Compression::Zstd => {
                let decoder = Decoder::new(hashing)?;
                Self::Zstd(Background::new(decoder, |out, chunk| out.write_all(chunk)))
            }
        })
    }

    fn send(&mut self, chunk: SharedChunk) -> io::Result<()> {
        match self {
            Self::Unread => Ok(()),
            Self::Deflate(pool) => pool.send(chunk),
            Self::Zstd(decoder) => decoder.send(chunk),
        }
    }

    /// The digest of the tar, if it was read: it must have the CRC-32 and size that the
    /// sidecars say.
    fn finish(self, crc: &crc32fast::Hasher, size: u64) -> io::Result<Option<Digest>> {
        let sum = match self {
            Self::Unread => return Ok(None),
            Self::Deflate(pool) => {
                let sink = pool.finish()?;
                if sink.crc.finalize() != crc.clone().finalize() {
                    return Err(io::Error::other("its CRC-32 differs"));
                }
                sink.out.finish().1
            }
            Self::Zstd(decoder) => {
                let mut decoder = decoder.finish()?;
                decoder.flush()?;
                decoder.into_inner().finish().1
            }
        };
        if sum.size != size {
            return Err(io::Error::other(format!(
                "{} bytes instead of {size}",
                sum.size
            )));
        }
        Ok(sum.digest)
    }
}

struct Inflated {
    out: HashingWriter<io::Sink>,
    crc: crc32fast::Hasher,
}

impl Sink for Inflated {
    type Note = crc32fast::Hasher;

    fn take(&mut self, output: &[u8], crc: Self::Note) -> io::Result<()> {
        self.crc.combine(&crc);
        self.out.write_all(output)
    }
}
