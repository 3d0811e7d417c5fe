//! Checks the sizes of an image.

use crate::report::table::{aligned, human};
use crate::report::{self, Facts, Image, Layer};
use layer::error::{Error, Result};
use std::cmp::Reverse;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What is told of that which is too large.
const BIGGEST: usize = 10;

/// What is checked.
#[derive(Clone, Debug)]
pub struct Options {
    /// The plans of the images.
    pub plans: Vec<PathBuf>,
    /// Lists of the files of layers.
    pub files: Vec<PathBuf>,
    /// Layers by name, and the bytes that they may have.
    pub layers: Vec<(String, u64)>,
    /// The bytes that all layers may have.
    pub total: Option<u64>,
    /// Whether the bytes are those of the tars.
    pub uncompressed: bool,
}

/// Prints what was checked, and for what is too large its biggest parts.
///
/// # Errors
/// What is no plan; a layer that the image has not; a budget that is exceeded, or none given.
pub fn check(options: &Options, out: &mut impl Write) -> Result<()> {
    if options.layers.is_empty() && options.total.is_none() {
        return Err(Error::Usage(
            "there is nothing to check; give --max or --max-total".to_owned(),
        ));
    }
    let facts = Facts::read(&report::Options {
        plans: options.plans.clone(),
        files: options.files.clone(),
        against: None,
    })?;
    let mut exceeded = Vec::new();
    for (path, image) in options.plans.iter().zip(&facts.images) {
        let mut budgets = Vec::new();
        for (name, bytes) in &options.layers {
            // Tars of an image may have one name.
            let layers = image.layers.iter().filter(|layer| layer.name == *name);
            let layers: Vec<_> = layers.collect();
            if layers.is_empty() {
                return Err(no_layer(path, image, name));
            }
            budgets.push((format!("layer {name}"), layers, *bytes));
        }
        if let Some(bytes) = options.total {
            budgets.push(("total".to_owned(), image.layers.iter().collect(), bytes));
        }

        writeln!(out, "{}", image.name)
            .and_then(|()| {
                for (name, layers, bytes) in budgets {
                    if !options.budget(&name, &layers, bytes, out)? {
                        exceeded.push(format!("{name} of {}", image.name));
                    }
                }
                out.flush()
            })
            .map_err(Error::io("write", Path::new("standard output")))?;
    }
    if exceeded.is_empty() {
        return Ok(());
    }
    Err(Error::Content {
        path: options.plans[0].clone(),
        problem: format!(
            "larger than its budget: {}; see the biggest parts above, and take some out or raise \
             the budget",
            exceeded.join(", ")
        ),
    })
}

fn no_layer(path: &Path, image: &Image, name: &str) -> Error {
    let names: Vec<_> = image
        .layers
        .iter()
        .map(|layer| format!("{:?}", layer.name))
        .collect();
    Error::Content {
        path: path.to_owned(),
        problem: format!(
            "{} has no layer {name:?}; use one of {}",
            image.name,
            names.join(", ")
        ),
    }
}

impl Options {
    /// Tells a budget, and whether it is kept.
    fn budget(
        &self,
        name: &str,
        layers: &[&Layer],
        bytes: u64,
        out: &mut impl Write,
    ) -> io::Result<bool> {
        let size = layers
            .iter()
            .map(|layer| self.of(layer.size, layer.uncompressed_size))
            .fold(0, u64::saturating_add);
        let kind = if self.uncompressed {
            "uncompressed"
        } else {
            "compressed"
        };
        let kept = size <= bytes;
        writeln!(
            out,
            "  {}: {name} has {} {kind}, {size} bytes of {bytes}",
            if kept { "ok" } else { "TOO LARGE" },
            human(size),
        )?;
        if !kept {
            writeln!(out, "\n  The biggest of it:\n")?;
            aligned(&self.biggest(layers), [true, false, false, true, true], out)?;
            writeln!(out)?;
        }
        Ok(kept)
    }

    fn of(&self, size: u64, uncompressed_size: u64) -> u64 {
        if self.uncompressed {
            uncompressed_size
        } else {
            size
        }
    }

    /// The units of layers; the files of the only one.
    fn biggest(&self, layers: &[&Layer]) -> Vec<[String; 5]> {
        let mut parts = Vec::new();
        let units = || {
            layers
                .iter()
                .flat_map(|&layer| layer.units.iter().map(move |unit| (layer, unit)))
        };
        let only_one = units().count() == 1;
        for (layer, unit) in units() {
            match &unit.paths {
                Some(files) if only_one => {
                    for file in files {
                        let sizes = (file.size, file.uncompressed_size);
                        // The share of a compressed unit is an estimate.
                        let about = if self.uncompressed { "" } else { "about " };
                        parts.push((self.of(sizes.0, sizes.1), about, &layer.name, &file.path));
                    }
                }
                _ => {
                    let size = self.of(unit.size, unit.uncompressed_size);
                    parts.push((size, "", &layer.name, &unit.name));
                }
            }
        }
        parts.sort_by_key(|part| Reverse(part.0));
        parts
            .into_iter()
            .take(BIGGEST)
            .map(|(size, about, layer, name)| {
                [
                    "  ".to_owned(),
                    format!("{about}{}", human(size)),
                    size.to_string(),
                    layer.clone(),
                    name.clone(),
                ]
            })
            .collect()
    }
}
