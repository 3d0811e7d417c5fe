//! Puts images together into one index, of an image for each platform.

use super::image::commit;
use super::layout::{Layout, Trust, Writer};
use super::{media_type, to_json, Descriptor, Index, Names};
use layer::error::{Error, Result};
use layer::output::{arguments, distinct};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What to write.
#[derive(Clone, Debug)]
pub struct Options {
    /// Layouts, of whose images the index consists.
    pub layouts: Vec<PathBuf>,
    /// Whether the blobs of the layouts are what their names say.
    pub trust: Trust,
    /// Whether layers are left out.
    pub sparse: bool,
    /// Of the index.
    pub annotations: BTreeMap<String, String>,
    /// Its names in the layout.
    pub names: Names,
    /// The layout.
    pub output: PathBuf,
    /// A file for the digest of the index.
    pub digest: Option<PathBuf>,
}

/// Writes a layout with one index, or nothing.
///
/// # Errors
/// What is no layout, has no image or lacks a blob; two images of one platform.
pub fn write(options: &Options) -> Result<()> {
    distinct(
        arguments("--output", [&options.output]).chain(arguments("--digest", &options.digest)),
        arguments("layout", &options.layouts),
    )?;
    let names = options.names.annotations()?;
    let writer = Writer::create(&options.output)?;
    let mut manifests: Vec<(&PathBuf, Descriptor)> = Vec::new();
    for path in &options.layouts {
        let layout = Layout::open(path)?;
        for image in layout.images()? {
            let own = &image.platform;
            if let Some((other, _)) = manifests.iter().find(|(_, other)| {
                let other = other.platform.as_ref();
                other.is_some_and(|other| {
                    other.is(own) && other.variant() == own.variant() && other.others == own.others
                })
            }) {
                return Err(layout.error(format!(
                    "holds an image for {}, as {} does; leave one out",
                    image.platform,
                    other.display()
                )));
            }
            writer.add(media_type::CONFIG, &image.config_bytes)?;
            writer.add(media_type::MANIFEST, &image.manifest_bytes)?;
            for layer in image.manifest.layers.iter().filter(|_| !options.sparse) {
                writer.add_file(&layer.digest, &layout.blob(layer)?, options.trust)?;
            }
            // Names are for one image in a layout.
            let annotations = BTreeMap::new();
            manifests.push((
                path,
                Descriptor {
                    annotations,
                    ..image.descriptor
                },
            ));
        }
    }
    if manifests.is_empty() {
        return Err(Error::Usage(
            "no layout holds an image to put into an index".to_owned(),
        ));
    }
    let manifests = manifests
        .into_iter()
        .map(|(_, manifest)| manifest)
        .collect();
    let index = Index::new(manifests, options.annotations.clone());
    let mut index = writer.add(media_type::INDEX, &to_json(&index, &options.output)?)?;
    index.annotations = names;
    commit(writer, index, options.digest.as_deref())
}
