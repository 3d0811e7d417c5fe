//! Platforms of images (OCI image specification 1.1, image-index.md; config.md).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::str::FromStr;

/// What an image runs on; the words are those of the Go language (GOOS, GOARCH).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Platform {
    /// E.g. amd64.
    pub architecture: String,
    /// E.g. linux.
    pub os: String,
    /// E.g. v7 of arm.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "variant"
    )]
    pub variant: Option<String>,
    /// `os.version` and whatever else stands there.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl Platform {
    /// Whether an image for `self` is one for `wanted`. Who leaves the variant out takes any.
    #[must_use]
    pub fn is(&self, wanted: &Self) -> bool {
        let variants = (self.variant(), wanted.variant());
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && !matches!(variants, (Some(own), Some(other)) if own != other)
    }

    /// All of arm64 is v8 unless it says otherwise.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        let default = (self.architecture == "arm64").then_some("v8");
        self.variant.as_deref().or(default)
    }

    /// That of a configuration; None if it has none.
    #[must_use]
    pub fn of_config(config: &Map<String, Value>) -> Option<Self> {
        let text = |field| config.get(field).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            architecture: text("architecture").filter(|text| !text.is_empty())?,
            os: text("os").filter(|text| !text.is_empty())?,
            variant: text("variant").filter(|text| !text.is_empty()),
            others: ["os.version", "os.features"]
                .into_iter()
                .filter_map(|field| Some((field.to_owned(), config.get(field)?.clone())))
                .collect(),
        })
    }

    /// That of this program, but for Linux, which containers are of elsewhere, too.
    #[must_use]
    pub fn of_machine() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self {
            architecture: architecture.to_owned(),
            os: "linux".to_owned(),
            variant: None,
            others: Map::new(),
        }
    }
}

/// Some write an empty one where there is none.
fn variant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let variant = Option::<String>::deserialize(from)?;
    Ok(variant.filter(|text| !text.is_empty()))
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split('/').collect();
        let is_word = |word: &&str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        match words[..] {
            // As attestations are listed that are images of nothing.
            ["unknown", ..] => Err("an image of os `unknown` runs nowhere; write linux".to_owned()),
            [os, architecture] | [os, architecture, _] if words.iter().all(is_word) => Ok(Self {
                architecture: architecture.to_owned(),
                os: os.to_owned(),
                variant: words.get(2).map(|&variant| variant.to_owned()),
                others: Map::new(),
            }),
            _ => {
                Err("write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, e.g. linux/arm64".to_owned())
            }
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Platform;

    #[test]
    fn which_image_is_for_which_platform() {
        for (image, wanted, is) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "linux/arm64", false),
            ("linux/amd64", "windows/amd64", false),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm64", "linux/arm64/v9", false),
            ("linux/arm/v7", "linux/arm", true),
            ("linux/arm/v6", "linux/arm/v7", false),
        ] {
            let platform = |text: &str| text.parse::<Platform>().unwrap();
            assert_eq!(
                platform(image).is(&platform(wanted)),
                is,
                "{image} {wanted}"
            );
            assert_eq!(platform(image).to_string(), image);
        }
        for wrong in [
            "",
            "linux",
            "linux/",
            "Linux/amd64",
            "linux/arm/v7/x",
            "a b/c",
            "unknown/amd64",
        ] {
            assert!(wrong.parse::<Platform>().is_err(), "{wrong}");
        }
    }
}
