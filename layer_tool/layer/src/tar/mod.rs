//! Tar: ustar (POSIX.1-1988) and pax (POSIX.1-2001). One writer, of what layers hold; one reader,
//! of what any program writes, for every command that looks into a layer.

pub mod builder;
pub mod decompress;
mod header;
mod pax;
mod read;
mod sparse;
mod write;

pub use read::{read, Entry, Limits, Type};
pub use write::{encode_header, Kind};

/// Blocks of headers and padding.
pub const BLOCK: u64 = 512;

/// Two empty blocks end an archive. No padding to a record of 10 KiB follows: that is for
/// tapes, readers do not ask for it, and it would be most of a small layer.
pub const END: [u8; 2 * BLOCK as usize] = [0; 2 * BLOCK as usize];

/// Bytes of zeros that follow `size` bytes of content.
#[must_use]
pub fn padding(size: u64) -> usize {
    // Less than a block.
    usize::try_from(size.wrapping_neg() % BLOCK).unwrap_or_default()
}
