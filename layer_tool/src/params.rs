//! Parameter files: `--params=FILE` stands for the lines of FILE, one argument each.
//!
//! Not `@FILE`, as other programs have it: labels and paths may begin with `@`.

use layer::error::{Error, Result};
use layer::system;
use std::ffi::OsString;
use std::fs;

/// Replaces each `--params=FILE` by the file's lines, taken as they are (LF or CRLF ends one).
///
/// # Errors
/// A file that cannot be read.
pub fn expand(arguments: impl IntoIterator<Item = OsString>) -> Result<Vec<OsString>> {
    let mut expanded = Vec::new();
    for argument in arguments {
        let Some(path) = argument.as_encoded_bytes().strip_prefix(b"--params=") else {
            expanded.push(argument);
            continue;
        };
        let path = system::path(path);
        let bytes = fs::read(&path).map_err(Error::io("read parameter file", &path))?;
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        if !text.is_empty() {
            expanded.extend(
                text.split(|&byte| byte == b'\n')
                    .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
                    .map(|line| system::path(line).as_os_str().to_owned()),
            );
        }
    }
    Ok(expanded)
}
