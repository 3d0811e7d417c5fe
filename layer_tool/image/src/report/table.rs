//! Tables for people.

use std::io::{self, Write};

/// Writes rows with each column as wide as its widest cell; text is flush left.
///
/// # Errors
/// `out` fails.
pub fn aligned<const N: usize>(
    rows: &[[String; N]],
    is_text: [bool; N],
    out: &mut impl Write,
) -> io::Result<()> {
    // A name is no order to a terminal.
    let rows = rows.iter().map(|row| row.clone().map(shown));
    let rows: Vec<[String; N]> = rows.collect();
    let mut widths = [0; N];
    for row in &rows {
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

fn shown(cell: String) -> String {
    if cell.contains(char::is_control) {
        return cell.escape_debug().to_string();
    }
    cell
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
