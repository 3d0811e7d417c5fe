//! Writes an image of layers on a base.

use super::config::{configure, Added, Settings};
use super::layout::{Choice, Layout, Trust, Writer};
use super::platform::Platform;
use super::{media_type, to_json, Descriptor, Index, Manifest, Names, MAX_LAYERS};
use layer::digest::Digest;
use layer::error::{Error, Result};
use layer::metadata::Metadata;
use layer::output::{arguments, distinct, Output};
use layer::progress::Progress;
use layer::tar::decompress::decompress;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

/// Annotation with the digest of the base (annotations.md).
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// What to write.
#[derive(Clone, Debug)]
pub struct Options {
    /// Metadata of the layers, lowest first.
    pub metadata: Vec<PathBuf>,
    /// The layers, in the same order; None for a sparse layout.
    pub layers: Option<Vec<PathBuf>>,
    /// Whether the layers are what their metadata says.
    pub trust_layers: Trust,
    /// Layout of the image below.
    pub base: Option<PathBuf>,
    /// Its tag, of several images for one platform.
    pub base_tag: Option<String>,
    /// Whether its blobs are what their names say.
    pub trust_base: Trust,
    /// None: that of the base.
    pub platform: Option<Platform>,
    /// How a container starts.
    pub settings: Settings,
    /// Of the manifest.
    pub annotations: BTreeMap<String, String>,
    /// Its names in the layout.
    pub names: Names,
    /// The layout.
    pub output: PathBuf,
    /// A file for the digest of the manifest.
    pub digest: Option<PathBuf>,
}

/// Writes an image, or nothing.
///
/// # Errors
/// A base, metadata or settings that cannot be of an image; a file that cannot be written.
pub fn write(options: &Options) -> Result<()> {
    distinct(
        arguments("--output", [&options.output]).chain(arguments("--digest", &options.digest)),
        arguments("--base", &options.base)
            .chain(arguments("--metadata", &options.metadata))
            .chain(arguments("--layer", options.layers.iter().flatten())),
    )?;
    let names = options.names.annotations()?;
    let base = options.base.as_deref().map(Layout::open).transpose()?;
    let base = match &base {
        Some(layout) => {
            let choice = Choice {
                platform: options.platform.clone(),
                tag: options.base_tag.clone(),
            };
            Some((layout, layout.image(&choice)?))
        }
        None => None,
    };
    let below = base.as_ref().map(|(_, image)| image);
    let added = read_metadata(options)?;
    check_count(
        below.map_or(0, |image| image.manifest.layers.len()),
        added.len(),
    )?;
    let platform = below
        .map(|image| image.platform.clone())
        .or_else(|| options.platform.clone())
        .ok_or_else(|| {
            Error::Usage(
                "an image without a base needs its platform; give --platform, e.g. linux/amd64"
                    .to_owned(),
            )
        })?;

    let config = configure(
        below.map(|image| (&image.config, image.manifest.layers.len())),
        &platform,
        &options.settings,
        &added,
    )?;
    let writer = Writer::create(&options.output)?;
    let config = writer.add(media_type::CONFIG, &to_json(&config, &options.output)?)?;

    let mut annotations = options.annotations.clone();
    let mut layers = Vec::new();
    let total = below
        .map_or(&[][..], |image| &image.manifest.layers)
        .iter()
        .map(|layer| layer.size)
        .chain(added.iter().map(|(_, layer)| layer.size))
        .fold(0, u64::saturating_add);
    let mut progress = Progress::new((), "writing", total);
    if let Some((layout, image)) = &base {
        annotations.insert(BASE_DIGEST.to_owned(), image.descriptor.digest.to_string());
        for (number, layer) in (1..).zip(&image.manifest.layers) {
            let (blob, compression) = layout.layer(number, layer)?;
            if options.layers.is_some() {
                writer.add_file(&layer.digest, &blob, options.trust_base)?;
                progress.add(layer.size);
            }
            layers.push(Descriptor {
                media_type: compression.media_type().to_owned(),
                ..layer.clone()
            });
        }
    }
    for (_, layer) in &added {
        layers.push(Descriptor::new(
            layer.media_type.media_type(),
            layer.digest.clone(),
            layer.size,
        ));
    }
    for (metadata, layer) in options.metadata.iter().zip(options.layers.iter().flatten()) {
        if let Some((_, described)) = added.iter().find(|(path, _)| path == metadata) {
            check_size(layer, described.size, metadata)?;
            writer.add_file(&described.digest, layer, options.trust_layers)?;
            if options.trust_layers == Trust::Nobody {
                check_content(layer, described, metadata)?;
            }
            progress.add(described.size);
        }
    }

    let manifest = Manifest {
        schema_version: 2,
        media_type: media_type::MANIFEST.to_owned(),
        config,
        layers,
        annotations,
    };
    let mut manifest = writer.add(media_type::MANIFEST, &to_json(&manifest, &options.output)?)?;
    manifest.platform = Some(platform);
    manifest.annotations = names;
    commit(writer, manifest, options.digest.as_deref())
}

/// Gives a layout of one image or index its name, and the file of its digest before.
///
/// # Errors
/// Neither has its name then.
pub fn commit(writer: Writer, image: Descriptor, digest: Option<&Path>) -> Result<()> {
    if let Some(path) = digest {
        let mut file = Output::create(path)?;
        writeln!(file, "{}", image.digest).map_err(Error::io("write", path))?;
        file.commit()?;
    }
    let index = Index::new(vec![image], BTreeMap::new());
    writer.finish(&index).inspect_err(|_| {
        // Best effort: the first error is the one to tell.
        let _ = digest.map(fs::remove_file);
    })
}

/// Metadata of the layers that are not empty. One that is below already, in the base say, is put on
/// top again: what lies between may have changed its files.
fn read_metadata(options: &Options) -> Result<Vec<Added>> {
    let mut added: Vec<Added> = Vec::new();
    for path in &options.metadata {
        let layer = Metadata::read(path)?;
        // An empty layer says nothing.
        if layer.entries > 0 {
            added.push((path.clone(), layer));
        }
    }
    if added.is_empty() && options.base.is_none() {
        return Err(Error::Usage(
            "an image without a base needs a layer that is not empty".to_owned(),
        ));
    }
    Ok(added)
}

/// Fails for more layers than image stores take.
fn check_count(below: usize, own: usize) -> Result<()> {
    if below + own <= MAX_LAYERS {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "the image has {} layers, {below} of them of its base, and image stores take {MAX_LAYERS} at \
         most; use fewer groups in its layer_tier (or `layer_budget`) or layer_groups, or a base with fewer layers",
        below + own
    )))
}

/// That a layer is compressed as its metadata says, and its tar has the diffID in it.
fn check_content(layer: &Path, described: &Metadata, metadata: &Path) -> Result<()> {
    let says_otherwise = |problem| Error::Content {
        path: metadata.to_owned(),
        problem: format!("{problem} of {}; write it again", layer.display()),
    };
    let file = File::open(layer).map_err(Error::io("read", layer))?;
    let (compression, tar) = decompress(BufReader::new(file)).map_err(Error::io("read", layer))?;
    if compression != described.compression {
        return Err(says_otherwise("its compression is not that"));
    }
    let Some(expected) = &described.diff_id else {
        return Ok(());
    };
    if Digest::of_reader(tar).map_err(Error::io("read", layer))? != *expected {
        return Err(says_otherwise("its diffID is not that"));
    }
    Ok(())
}

fn check_size(layer: &Path, size: u64, metadata: &Path) -> Result<()> {
    let found = fs::metadata(layer).map_err(Error::io("read", layer))?.len();
    if found == size {
        return Ok(());
    }
    Err(Error::Content {
        path: layer.to_owned(),
        problem: format!(
            "has {found} bytes, but {} says {size}; build it again",
            metadata.display()
        ),
    })
}
