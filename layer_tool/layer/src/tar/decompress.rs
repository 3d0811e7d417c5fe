//! The compression of a layer by its first bytes, and the tar in it.

use crate::compress::Compression;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Cursor, ErrorKind, Read};

/// The compression by a layer's first bytes: RFC 1952 for gzip; RFC 8878 for zstd, which may begin
/// with a skippable frame (pzstd writes one before each other).
fn compression(start: &[u8]) -> Compression {
    match *start {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// What is no tar of a layer, though people may take it for one.
fn other_format(start: &[u8]) -> Option<&'static str> {
    match *start {
        [0xfd, b'7', b'z', b'X', b'Z', 0] => Some("xz"),
        [b'B', b'Z', b'h', _, 0x31, 0x41] => Some("bzip2"),
        [b'P', b'K', 3, 4, ..] => Some("a zip"),
        _ => None,
    }
}

/// The compression of a layer, and its tar: all members of a gzip, all frames of a zstd.
///
/// # Errors
/// It cannot be read. What the tar gives later says whether the layer is cut, damaged or has bytes
/// that are of no member or frame, which the readers of some runtimes refuse.
pub fn decompress<'a>(
    mut layer: impl BufRead + 'a,
) -> io::Result<(Compression, Box<dyn Read + 'a>)> {
    let mut start = Vec::new();
    layer.by_ref().take(6).read_to_end(&mut start)?;
    if let Some(other) = other_format(&start) {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            format!("it is {other}, which a layer cannot be; a layer is a tar, compressed with gzip or zstd or not at all"),
        ));
    }
    let compression = compression(&start);
    let layer = Cursor::new(start).chain(layer);
    let tar: Box<dyn Read + 'a> = match compression {
        Compression::Gzip => Box::new(Members(Some(GzDecoder::new(layer)))),
        Compression::Zstd => Box::new(Frames(zstd::Decoder::with_buffer(layer)?)),
        Compression::None => Box::new(layer),
    };
    Ok((compression, tar))
}

/// All members of a gzip. There is always one; None is while the next takes its place.
struct Members<R>(Option<GzDecoder<R>>);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let count = member
                .read(buffer)
                .map_err(|error| explained(error, "gzip"))?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            match member.get_mut().fill_buf()?.first() {
                None => break,
                Some(0x1f) => {
                    let rest = self.0.take().map(GzDecoder::into_inner);
                    self.0 = rest.map(GzDecoder::new);
                }
                Some(_) => return Err(followed("gzip member")),
            }
        }
        Ok(0)
    }
}

/// All frames of a zstd.
struct Frames<'a, R>(zstd::Decoder<'a, R>);

impl<R: BufRead> Read for Frames<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            // Libzstd's words: the decoder knows no more of a frame's end than that another begins.
            match error.to_string().as_str() {
                "Unknown frame descriptor" => followed("zstd frame"),
                "Frame requires too much memory for decoding" => io::Error::new(
                    ErrorKind::InvalidData,
                    "its zstd data asks for a window of more than 128 MiB, which runtimes refuse; \
                     compress it without --long, or with --long=27 at most",
                ),
                _ => explained(error, "zstd"),
            }
        })
    }
}

/// What is wrong with a layer; errors of the system say that themselves.
fn explained(error: io::Error, format: &str) -> io::Error {
    if error.raw_os_error().is_some() {
        return error;
    }
    let problem = match error.kind() {
        ErrorKind::UnexpectedEof => format!("its {format} data ends too early"),
        _ => format!("its {format} data is damaged ({error})"),
    };
    io::Error::new(error.kind(), format!("{problem}; fetch or write it again"))
}

fn followed(what: &str) -> io::Error {
    let problem = format!(
        "other bytes follow its last {what}, and some runtimes refuse such layers; cut \
         them off, or compress the tar again"
    );
    io::Error::new(ErrorKind::InvalidData, problem)
}
