//! The block of a header: where its fields are, and what is in them.

use super::BLOCK;
use std::ops::Range;

/// The bytes of a header.
pub type Block = [u8; BLOCK as usize];

pub const NAME: Range<usize> = 0..100;
pub const MODE: Range<usize> = 100..108;
pub const UID: Range<usize> = 108..116;
pub const GID: Range<usize> = 116..124;
pub const SIZE: Range<usize> = 124..136;
pub const MTIME: Range<usize> = 136..148;
pub const CHECKSUM: Range<usize> = 148..156;
pub const TYPE: usize = 156;
pub const LINK: Range<usize> = 157..257;
pub const MAGIC: Range<usize> = 257..265;
pub const UNAME: Range<usize> = 265..297;
pub const GNAME: Range<usize> = 297..329;
pub const MAJOR: Range<usize> = 329..337;
pub const MINOR: Range<usize> = 337..345;
pub const PREFIX: Range<usize> = 345..500;

/// Magic and version of ustar.
pub const USTAR: &[u8] = b"ustar\x0000";

/// The bytes of a field before the first NUL.
pub fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|&byte| byte == 0);
    &field[..end.unwrap_or(field.len())]
}

/// A number: octal digits, or GNU's base 256, which may be negative. None: it is neither.
pub fn number(field: &[u8]) -> Option<i128> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        // Two's complement in all bits but the first; no field has more than 12 bytes.
        let high = i128::from(first & 0x7f) - if first & 0x40 == 0 { 0 } else { 0x80 };
        return Some(
            rest.iter()
                .fold(high, |high, &low| high * 256 + i128::from(low)),
        );
    }
    let start = field.iter().position(|byte| !matches!(byte, b' ' | 0));
    let digits = &field[start.unwrap_or(field.len())..];
    let end = digits.iter().position(|byte| matches!(byte, b' ' | 0));
    digits[..end.unwrap_or(digits.len())]
        .iter()
        .try_fold(0, |value, digit| match digit {
            b'0'..=b'7' => Some(value * 8 + i128::from(digit - b'0')),
            _ => None,
        })
}

/// Whether the sum of the header's bytes is what it says, with spaces in the place of the sum. Old
/// programs summed signed bytes.
pub fn is_sound(block: &Block) -> bool {
    let bytes = || {
        let spaces = |(at, &byte)| if CHECKSUM.contains(&at) { b' ' } else { byte };
        block.iter().enumerate().map(spaces)
    };
    let unsigned: i128 = bytes().map(i128::from).sum();
    let signed: i128 = bytes().map(|byte| i128::from(byte as i8)).sum();
    number(&block[CHECKSUM]).is_some_and(|sum| sum == unsigned || sum == signed)
}
