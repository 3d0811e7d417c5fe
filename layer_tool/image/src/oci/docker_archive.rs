//! Writes an image as the docker-archive that `docker load` and `podman load` read.
//!
//! A tar of `manifest.json`, the configuration and the layers as they are, which all three
//! of Docker, podman and skopeo decompress by themselves.

use super::layout::{Choice, Layout, OTHER_BYTES};
use super::names::check_reference;
use super::{to_json, Descriptor};
use layer::compress::Compression;
use layer::entry::{Attributes, Body, Entry};
use layer::error::{Error, Location, Result};
use layer::hashing::HashingWriter;
use layer::image_path::ImagePath;
use layer::output::{distinct, Output};
use layer::progress::Progress;
use layer::tar::{self, Kind};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which image of a layout, and what to call it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The layout.
    pub layout: PathBuf,
    /// Which image of it.
    pub choice: Choice,
    /// Names for the image; none: those that the layout has for it.
    pub repo_tags: Vec<String>,
}

/// An image that is ready to be written.
pub struct DockerArchive {
    layout: Layout,
    manifest: Vec<u8>,
    config: (String, Vec<u8>),
    layers: Vec<(String, Descriptor)>,
    /// Bytes of all, without headers and padding.
    pub size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed<'a> {
    config: &'a str,
    repo_tags: &'a [String],
    layers: Vec<&'a str>,
}

impl DockerArchive {
    /// Reads all but the layers.
    ///
    /// # Errors
    /// What is no layout, has no such image or lacks a blob; a name that no store takes.
    pub fn of(options: &Options) -> Result<Self> {
        options
            .repo_tags
            .iter()
            .try_for_each(|name| check_reference(name))?;
        let layout = Layout::open(&options.layout)?;
        let image = layout.image(&options.choice)?;
        let mut repo_tags = options.repo_tags.clone();
        if repo_tags.is_empty() {
            repo_tags.extend(image.names);
        }

        let config = (
            format!("{}.json", image.manifest.config.digest.digits()),
            image.config_bytes,
        );
        let mut layers = Vec::new();
        for (number, layer) in (1..).zip(image.manifest.layers) {
            let extension = match layout.layer(number, &layer)?.1 {
                Compression::Gzip => ".tar.gz",
                Compression::Zstd => ".tar.zst",
                Compression::None => ".tar",
            };
            layers.push((layer.digest.digits().to_owned() + extension, layer));
        }
        let listed = Listed {
            config: &config.0,
            repo_tags: &repo_tags,
            layers: layers.iter().map(|(name, _)| name.as_str()).collect(),
        };
        let size = layers
            .iter()
            .map(|(_, layer)| layer.size)
            .fold(0, u64::saturating_add);
        Ok(Self {
            manifest: to_json(&[listed], &options.layout)?,
            layout,
            config,
            layers,
            size,
        })
    }

    /// Writes the archive; `path` is where `out` goes, for messages.
    ///
    /// # Errors
    /// A layer cannot be read; `out` fails.
    pub fn write(&self, out: &mut impl Write, path: &Path) -> Result<()> {
        let written = Error::io("write", path);
        let small = |out: &mut _, name: &str, bytes: &[u8]| {
            header(out, name, bytes.len() as u64)?;
            Write::write_all(out, bytes)?;
            end_file(out, bytes.len() as u64)
        };
        small(out, "manifest.json", &self.manifest)
            .and_then(|()| small(out, &self.config.0, &self.config.1))
            .map_err(written)?;
        let mut seen = BTreeSet::new();
        for (name, layer) in &self.layers {
            if !seen.insert(name) {
                continue;
            }
            let blob = self.layout.blob(layer)?;
            let file = File::open(&blob).map_err(Error::io("read", &blob))?;
            header(out, name, layer.size).map_err(Error::io("write", path))?;
            let written = Error::io("write", path);
            let mut hashing = HashingWriter::new(&mut *out);
            io::copy(&mut file.take(layer.size), &mut hashing).map_err(written)?;
            let (_, sum) = hashing.finish();
            if sum.digest.as_ref() != Some(&layer.digest) {
                return Err(Error::Content {
                    path: blob,
                    problem: OTHER_BYTES.to_owned(),
                });
            }
            end_file(out, layer.size).map_err(Error::io("write", path))?;
        }
        out.write_all(&tar::END)
            .and_then(|()| out.flush())
            .map_err(Error::io("write", path))
    }
}

/// Writes the archive to a file, or to standard output for `-`.
///
/// # Errors
/// As [`DockerArchive::of`] and [`DockerArchive::write`]; no file is left then.
pub fn write(options: &Options, output: &Path) -> Result<()> {
    if output == Path::new("-") {
        let archive = DockerArchive::of(options)?;
        return archive.write(&mut io::stdout().lock(), Path::new("standard output"));
    }
    distinct([("--output", output)], [("layout", &*options.layout)])?;
    let archive = DockerArchive::of(options)?;
    let mut file = Output::create(output)?;
    archive.write(
        &mut Progress::new(&mut file, "writing", archive.size),
        output,
    )?;
    file.commit()
}

fn header(out: &mut impl Write, name: &str, size: u64) -> io::Result<()> {
    let entry = Entry {
        path: ImagePath::new(name.as_bytes()).map_err(io::Error::other)?,
        attributes: Arc::new(Attributes {
            mode: 0o644,
            ..Attributes::default()
        }),
        body: Body::Dir,
        parent_of: None,
        dmode: 0,
        location: Location::new(Path::new(name), 0),
    };
    let mut header = Vec::new();
    tar::encode_header("", &entry, Kind::File(size), &mut header);
    out.write_all(&header)
}

fn end_file(out: &mut impl Write, size: u64) -> io::Result<()> {
    out.write_all(&tar::END[..tar::padding(size)])
}
