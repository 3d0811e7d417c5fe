//! How the bytes of a layer or a fragment are compressed.

use crate::compress::Compression;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A compression with a level that it has, and what compresses: only fragments of one encoding can
/// be put together.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(try_from = "Unchecked")]
pub struct Encoding {
    compression: Compression,
    level: Option<u32>,
    compressor: Option<String>,
}

impl Encoding {
    /// A compression of this program, by the given level or by default.
    ///
    /// # Errors
    /// A level out of range, or one for no compression.
    pub fn new(compression: Compression, level: Option<u32>) -> Result<Self> {
        Ok(Self {
            compression,
            level: compression
                .level(level)
                .map_err(|problem| Error::Usage(format!("--{problem}")))?,
            compressor: compression.compressor(),
        })
    }

    /// The compression.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The level; None without compression.
    #[must_use]
    pub fn level(&self) -> Option<u32> {
        self.level
    }

    /// What compressed, as [`Compression::compressor`] has it.
    #[must_use]
    pub fn compressor(&self) -> Option<&str> {
        self.compressor.as_deref()
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.compression.name())?;
        if let Some(level) = self.level {
            write!(f, " {level}")?;
        }
        if let Some(compressor) = &self.compressor {
            write!(f, " by {compressor}")?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Unchecked {
    compression: Compression,
    level: Option<u32>,
    compressor: Option<String>,
}

impl TryFrom<Unchecked> for Encoding {
    type Error = String;

    fn try_from(unchecked: Unchecked) -> std::result::Result<Self, String> {
        let Unchecked {
            compression,
            level,
            compressor,
        } = unchecked;
        if compression.level(level)? != level {
            return Err(format!("{} without a level", compression.name()));
        }
        Ok(Self {
            compression,
            level,
            compressor,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_compression() {
        for (json, problem) in [
            (r#"{"compression": "gzip", "level": 12}"#, ""),
            (r#"{"compression": "none", "level": null}"#, ""),
            (r#"{"compression": "gzip", "level": 13}"#, "level 13 is"),
            (r#"{"compression": "zstd"}"#, "zstd without a level"),
            (r#"{"compression": "none", "level": 1}"#, "level needs"),
            (r#"{"compression": "xz", "level": 1}"#, "unknown variant"),
        ] {
            match serde_json::from_str::<Encoding>(json) {
                Ok(encoding) => assert!(problem.is_empty(), "{encoding} of {json}"),
                Err(error) => {
                    let error = error.to_string();
                    assert!(!problem.is_empty() && error.contains(problem), "{error}");
                }
            }
        }
    }
}
