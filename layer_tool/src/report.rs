//! Tables of layers, and of what is in them.

use crate::error::{Error, Result};
use crate::exclude::Excluded;
use crate::image_plan::{Content, Plan};
use crate::metadata::Metadata;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Hexadecimal digits of a digest that tell units apart.
const SHORT: usize = 12;

/// Prints a table of the layers, or their metadata as one JSON array.
///
/// # Errors
/// Metadata that cannot be read; `out` fails.
pub fn report(metadata: &[PathBuf], json: bool, out: &mut impl Write) -> Result<()> {
    let layers = metadata
        .iter()
        .map(|path| Metadata::read(path))
        .collect::<Result<Vec<_>>>()?;
    printed(out, |out| {
        if json {
            serde_json::to_writer_pretty(&mut *out, &layers)?;
            writeln!(out)
        } else {
            table(&layers, out)
        }
    })
}

/// Prints a table of the units of a plan, below their layers.
///
/// # Errors
/// A plan that cannot be read; `out` fails.
pub fn report_plan(plan: &Path, out: &mut impl Write) -> Result<()> {
    let plan = Plan::read(plan)?;
    printed(out, |out| plan_table(&plan, out))
}

fn printed<W: Write>(out: &mut W, print: impl FnOnce(&mut W) -> io::Result<()>) -> Result<()> {
    print(out)
        .and_then(|()| out.flush())
        .map_err(Error::io("write", Path::new("standard output")))
}

fn table(layers: &[Metadata], out: &mut impl Write) -> io::Result<()> {
    let row = |name: &str, files: u64, size: u64, digest: &str| {
        [
            name.to_owned(),
            files.to_string(),
            size.to_string(),
            human(size),
            digest.to_owned(),
        ]
    };
    let mut rows = vec![["layer", "files", "bytes", "size", "digest"].map(str::to_owned)];
    rows.extend(
        layers
            .iter()
            .map(|layer| row(&layer.name, layer.files, layer.size, &layer.digest)),
    );
    rows.push(row(
        "total",
        layers.iter().map(|layer| layer.files).sum(),
        layers.iter().map(|layer| layer.size).sum(),
        "",
    ));
    aligned(&rows, [true, false, false, false, true], out)
}

fn plan_table(plan: &Plan, out: &mut impl Write) -> io::Result<()> {
    let row = |name: String, content: &Content, reason: &str| {
        let digest = content.digest.trim_start_matches("sha256:");
        [
            name,
            content.files.to_string(),
            human(content.uncompressed_size),
            human(content.size),
            digest.chars().take(SHORT).collect(),
            reason.to_owned(),
        ]
    };
    let header = [
        "layer",
        "files",
        "uncompressed",
        "compressed",
        "digest",
        "reason",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    for layer in &plan.layers {
        rows.push(row(layer.name.clone(), &layer.content, ""));
        rows.extend(layer.units.iter().map(|unit| {
            let excluded = match unit.excluded {
                Excluded { files: 0, .. } => String::new(),
                Excluded { files, bytes } => format!(", without {files} files of {}", human(bytes)),
            };
            let reason = format!("{}{excluded}", unit.reason);
            row(format!("  {}", unit.name), &unit.content, &reason)
        }));
    }
    let sum = |of: fn(&Content) -> u64| plan.layers.iter().map(|layer| of(&layer.content)).sum();
    let total = Content {
        digest: String::new(),
        size: sum(|content| content.size),
        uncompressed_size: sum(|content| content.uncompressed_size),
        files: sum(|content| content.files),
        machines: BTreeMap::new(),
    };
    rows.push(row("total".to_owned(), &total, ""));
    aligned(&rows, [true, false, false, false, true, true], out)
}

/// Writes rows with each column as wide as its widest cell; text is flush left.
fn aligned<const N: usize>(
    rows: &[[String; N]],
    is_text: [bool; N],
    out: &mut impl Write,
) -> io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let mut line = String::new();
        for ((cell, width), is_text) in row.iter().zip(widths).zip(is_text) {
            line += &if is_text {
                format!("{cell:<width$}  ")
            } else {
                format!("{cell:>width$}  ")
            };
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A size in binary units, three digits or so.
#[must_use]
pub fn human(size: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    for (shift, unit) in units {
        if size >= 1 << shift {
            // Tenths, rounded half up.
            let tenths = (u128::from(size) * 10 + (1 << (shift - 1))) >> shift;
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{size} B")
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn sizes() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (52_428_800, "50.0 MiB"),
            (5_368_709_120, "5.0 GiB"),
        ] {
            assert_eq!(human(size), text);
        }
    }
}
