//! The compression of a layer by its first bytes, and the tar in it.

use crate::compress::Compression;
use std::io::{self, BufRead, Cursor, Read};

/// The compression by a layer's first bytes: RFC 1952 for gzip; RFC 8878 for zstd, which may begin
/// with a skippable frame (pzstd writes one before each other).
fn compression(start: &[u8]) -> Compression {
    match *start {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// The compression of a layer, and its tar: all members of a gzip, all frames of a zstd.
///
/// # Errors
/// It cannot be read.
pub fn decompress<'a>(
    mut layer: impl BufRead + 'a,
) -> io::Result<(Compression, Box<dyn Read + 'a>)> {
    let mut start = Vec::new();
    layer.by_ref().take(4).read_to_end(&mut start)?;
    let compression = compression(&start);
    let layer = Cursor::new(start).chain(layer);
    let tar: Box<dyn Read + 'a> = match compression {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(layer)),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(layer)?),
        Compression::None => Box::new(layer),
    };
    Ok((compression, tar))
}
