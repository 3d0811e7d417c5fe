//! Compressions of a layer.

pub mod chunk;
pub mod deflate;
pub mod gzip;
pub mod pool;
pub mod stream;
pub mod sync_flush;
pub mod thread;
pub mod zstd;

use crate::encoding::Encoding;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::ops::RangeInclusive;

use chunk::{Background, SharedChunk};
use deflate::{Blocks, Deflate};
use gzip::Gzip;
use zstd::Frame;

/// A compression; the names are the same on the command line and in Starlark.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// One gzip member (RFC 1952).
    Gzip,
    /// One zstd frame (RFC 8878).
    Zstd,
    /// Plain tar.
    None,
}

impl Compression {
    /// All that there are.
    const ALL: [Self; 3] = [Self::Gzip, Self::Zstd, Self::None];

    /// As `--compress` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::None => "none",
        }
    }

    /// The media type of a layer (OCI image specification 1.1, layer.md).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
            Self::None => "application/vnd.oci.image.layer.v1.tar",
        }
    }

    /// Whose media type it is; None for one of no layer.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|compression| compression.media_type() == media_type)
    }

    /// All media types of layers, for messages.
    #[must_use]
    pub fn media_types() -> String {
        Self::ALL
            .iter()
            .map(|compression| compression.media_type())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The library that compresses, its version, and how it is used: the bytes are stable within
    /// that.
    #[must_use]
    pub fn compressor(self) -> Option<String> {
        match self {
            Self::Gzip => Some(deflate::compressor()),
            Self::Zstd => Some(zstd::compressor()),
            Self::None => None,
        }
    }

    fn levels(self) -> Option<(RangeInclusive<u32>, u32)> {
        match self {
            Self::Gzip => Some((0..=12, 5)),
            Self::Zstd => Some((1..=22, zstd::DEFAULT_LEVEL)),
            Self::None => None,
        }
    }

    /// The level to use: the given one if it is in range, else the default.
    ///
    /// # Errors
    /// A level out of range, or one for no compression.
    pub fn level(self, level: Option<u32>) -> Result<Option<u32>, String> {
        match (self.levels(), level) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err("level needs a compression; leave it out".to_owned()),
            (Some((_, default)), None) => Ok(Some(default)),
            (Some((range, _)), Some(level)) if range.contains(&level) => Ok(Some(level)),
            (Some((range, _)), Some(level)) => Err(format!(
                "level {level} is out of range for {}; use {} to {}",
                self.name(),
                range.start(),
                range.end()
            )),
        }
    }
}

/// What compresses chunks into a writer.
pub enum Compressor<W: Write + Send + 'static> {
    /// See [`Gzip`].
    Gzip(Gzip<W>),
    /// See [`Deflate`].
    Deflate(Deflate<W>),
    /// See [`Frame`].
    Zstd(Background<Frame<W>>),
    /// No compression.
    None(W),
}

impl<W: Write + Send + 'static> Compressor<W> {
    /// Starts to compress into `out`.
    ///
    /// # Errors
    /// The compressor does not start, or `out` fails.
    pub fn new(encoding: &Encoding, threads: usize, out: W) -> io::Result<Self> {
        let level = encoding.level().unwrap_or_default();
        Ok(match encoding.compression() {
            Compression::Gzip => Self::Gzip(Gzip::new(level, threads, out)?),
            Compression::Zstd => {
                let frame = Frame::new(level, threads, out)?;
                Self::Zstd(Background::new(frame, Frame::write))
            }
            Compression::None => Self::None(out),
        })
    }

    /// Starts to compress a segment that others follow: of gzip, blocks without header and
    /// trailer; of zstd, a frame, which may stand anywhere.
    ///
    /// # Errors
    /// As [`Compressor::new`].
    pub fn segment(encoding: &Encoding, threads: usize, out: W) -> io::Result<Self> {
        match encoding.compression() {
            Compression::Gzip => Ok(Self::Deflate(Deflate::new(
                encoding.level().unwrap_or_default(),
                threads,
                out,
            )?)),
            _ => Self::new(encoding, threads, out),
        }
    }

    /// Chunks that may be in use at once.
    #[must_use]
    pub fn buffer_count(&self, threads: usize) -> usize {
        match self {
            Self::Gzip(_) | Self::Deflate(_) => pool::buffer_count(threads),
            Self::Zstd(_) | Self::None(_) => 4,
        }
    }

    /// Compresses a chunk.
    ///
    /// # Errors
    /// Those of the writer, also of earlier chunks.
    pub fn send(&mut self, chunk: SharedChunk) -> io::Result<()> {
        match self {
            Self::Gzip(gzip) => gzip.send(chunk),
            Self::Deflate(deflate) => deflate.send(chunk),
            Self::Zstd(encoder) => encoder.send(chunk),
            Self::None(out) => out.write_all(&chunk),
        }
    }

    /// Ends the stream, and gives the writer and what is known of a segment's blocks.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(self) -> io::Result<(W, Blocks)> {
        match self {
            Self::Gzip(gzip) => Ok((gzip.finish()?, Blocks::default())),
            Self::Deflate(deflate) => deflate.finish(),
            Self::Zstd(encoder) => Ok((encoder.finish()?.finish()?, Blocks::default())),
            Self::None(out) => Ok((out, Blocks::default())),
        }
    }
}
