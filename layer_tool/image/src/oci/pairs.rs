//! Files of `NAME=VALUE` lines, as annotations, labels and variables are kept beside an image.

use layer::error::{Error, Result};
use std::fs;
use std::path::Path;

/// Reads the pairs of a file. Empty lines are none; of several of one name the last one counts.
///
/// # Errors
/// It cannot be read, is no UTF-8, or has a line that is no pair.
pub fn read(path: &Path) -> Result<Vec<(String, String)>> {
    let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
    let pair = |(number, line): (usize, &str)| match line.split_once('=') {
        Some((name, value)) if !name.is_empty() && !line.contains('\0') => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(Error::Content {
            path: path.to_owned(),
            problem: format!("line {number}, {line:?}, is not a pair; write NAME=VALUE"),
        }),
    };
    // Editors of Windows begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.is_empty())
        .map(pair)
        .collect()
}
