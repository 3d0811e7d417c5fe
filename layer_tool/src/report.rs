//! A table of layers from their metadata.

use crate::error::{Error, Result};
use crate::metadata::Metadata;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Prints a table of the layers, or their metadata as one JSON array.
///
/// # Errors
/// Metadata that cannot be read; `out` fails.
pub fn report(metadata: &[PathBuf], json: bool, out: &mut impl Write) -> Result<()> {
    let layers = metadata
        .iter()
        .map(|path| Metadata::read(path))
        .collect::<Result<Vec<_>>>()?;
    let written = if json {
        serde_json::to_writer_pretty(&mut *out, &layers)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
    } else {
        table(&layers, out)
    };
    written
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

    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for [name, files, bytes, size, digest] in &rows {
        let line = format!(
            "{name:<0$}  {files:>1$}  {bytes:>2$}  {size:>3$}  {digest}",
            widths[0], widths[1], widths[2], widths[3]
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A size in binary units, three digits or so.
fn human(size: u64) -> String {
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
