//! Where the content of a sparse file goes, as GNU tar's manual has it in "Storing Sparse Files":
//! the header of type `S`, and versions 0.0, 0.1 and 1.0 in pax records.

use super::header::{number, Block, SIZE};
use super::pax::{decimal, Pax};

/// Pieces that a file may be cut into.
const MAX_EXTENTS: usize = 1 << 20;

/// A piece of content: where it begins in the file, and its size.
pub type Extent = (u64, u64);

/// The pieces of a file, and its size with the holes between them.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// In their order.
    pub extents: Vec<Extent>,
    /// Bytes of the file.
    pub size: u64,
}

impl Map {
    /// All of a file in one piece.
    pub fn whole(size: u64) -> Self {
        Self {
            extents: vec![(0, size)],
            size,
        }
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// There are too many.
    pub fn push(&mut self, offset: u64, size: u64) -> Result<(), String> {
        if self.extents.len() == MAX_EXTENTS {
            return Err(format!(
                "more than {MAX_EXTENTS} pieces of a sparse file; write it without holes"
            ));
        }
        self.extents.push((offset, size));
        Ok(())
    }

    /// Adds those that are in a header or one of the blocks that follow it; whether another
    /// follows.
    ///
    /// # Errors
    /// They are no numbers.
    pub fn push_block(&mut self, block: &Block, pieces: usize, at: usize) -> Result<bool, String> {
        let field = |at: usize, length: usize| {
            number(&block[at..at + length])
                .and_then(|value| u64::try_from(value).ok())
                .ok_or_else(bad)
        };
        for piece in 0..pieces {
            let start = at + 24 * piece;
            if block[start] == 0 && block[start + 12] == 0 {
                break;
            }
            self.push(field(start, 12)?, field(start + 12, 12)?)?;
        }
        Ok(block[at + 24 * pieces] != 0)
    }

    /// That of a header of type `S`; whether blocks with more follow.
    ///
    /// # Errors
    /// It has no numbers.
    pub fn of_header(block: &Block) -> Result<(Self, bool), String> {
        const PIECES: usize = 386;
        const REAL_SIZE: usize = 483;

        let size = number(&block[REAL_SIZE..REAL_SIZE + SIZE.len()]);
        let mut map = Self {
            extents: Vec::new(),
            size: size
                .and_then(|size| u64::try_from(size).ok())
                .ok_or_else(bad)?,
        };
        let more = map.push_block(block, 4, PIECES)?;
        Ok((map, more))
    }

    /// That of versions 0.0 and 0.1, if these records are of one.
    ///
    /// # Errors
    /// They have no numbers.
    pub fn of_records(pax: &Pax) -> Result<Option<Self>, String> {
        let Some(size) = pax.number("GNU.sparse.size")? else {
            return Ok(None);
        };
        let list: Vec<&[u8]> = match pax.get("GNU.sparse.map") {
            Some(map) => map.split(|&byte| byte == b',').collect(),
            None => pax.extents.iter().map(Vec::as_slice).collect(),
        };
        let mut map = Self {
            extents: Vec::new(),
            size,
        };
        for piece in list.chunks(2) {
            let [offset, length] = piece else {
                return Err(bad());
            };
            map.push(
                decimal(offset).ok_or_else(bad)?,
                decimal(length).ok_or_else(bad)?,
            )?;
        }
        Ok(Some(map))
    }

    /// Bytes of holes, of a file of which `stored` bytes are in the archive.
    ///
    /// # Errors
    /// The pieces overlap, end after the file, or are not what is stored.
    pub fn holes(&self, stored: u64) -> Result<u64, String> {
        let mut end = 0;
        let mut sum = 0_u64;
        for &(offset, size) in &self.extents {
            let next = offset.checked_add(size).ok_or_else(bad)?;
            if offset < end || next > self.size {
                return Err(bad());
            }
            end = next;
            sum = sum.checked_add(size).ok_or_else(bad)?;
        }
        if sum != stored {
            return Err(bad());
        }
        Ok(self.size - sum)
    }
}

/// What is wrong with a map that makes no sense.
pub fn bad() -> String {
    "a map of a sparse file that does not fit its content; write the layer again".to_owned()
}
