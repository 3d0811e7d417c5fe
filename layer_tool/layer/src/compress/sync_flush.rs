//! A sync flush after the fact: makes a finished deflate stream (RFC 1951) one that another can
//! follow.
//!
//! libdeflate has no sync flush: its last block has the final bit, and nothing says where
//! that block begins. So the blocks are walked, symbol by symbol and without producing
//! output, which takes a few hundredths of the time of compressing.

use std::io;

const MAX_CODE: usize = 15;
/// Of literals and lengths; there are fewer distances.
const SYMBOLS: usize = 288;

/// Codes of more bits are rare, and found bit by bit.
const TABLE_BITS: usize = 10;
const TABLE: usize = 1 << TABLE_BITS;

/// Bits of the codes of code lengths, at most.
const LENGTH_BITS: usize = 7;

/// What reading eight bytes at any bit of the stream may touch beyond it.
const PADDING: usize = 16;

/// The order of code lengths' code lengths (RFC 1951, section 3.2.7).
const CODE_LENGTHS: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Clears the final bit of each stream's last block and appends an empty stored block, as a sync
/// flush does: the streams then end at a byte, in 00 00 FF FF.
///
/// # Errors
/// One is no whole deflate stream.
pub fn sync_flush<const N: usize>(mut streams: [&mut Vec<u8>; N]) -> io::Result<()> {
    for stream in &mut streams {
        stream.resize(stream.len() + PADDING, 0);
    }
    let last = last_blocks(streams.each_ref().map(|stream| Walk::new(stream)))
        .ok_or_else(|| io::Error::other("the compressor gave no deflate stream"))?;
    for (stream, last) in streams.into_iter().zip(last) {
        let size = stream.len() - PADDING;
        stream.truncate(size);
        stream[last.header / 8] &= !(1 << (last.header % 8));
        // The three bits of the stored block's header are zero, and so must be what pads the
        // stream, which may be anything.
        if last.end % 8 > 0 {
            stream[last.end / 8] &= (1 << (last.end % 8)) - 1;
        }
        if last.end + 3 > size * 8 {
            stream.push(0);
        }
        stream.extend_from_slice(&[0, 0, 0xff, 0xff]);
    }
    Ok(())
}

/// The last block of each stream.
fn last_blocks<const N: usize>(mut walks: [Walk<'_>; N]) -> Option<Vec<Block>> {
    let mut last = Vec::new();
    for walk in &mut walks {
        last.push(walk.enter()?);
    }
    while last.iter().all(Option::is_none) {
        let ended = in_turns(walks.each_mut())?;
        last[ended] = walks[ended].enter()?;
    }
    for (walk, last) in walks.iter_mut().zip(&mut last) {
        while last.is_none() {
            in_turns([walk])?;
            *last = walk.enter()?;
        }
    }
    last.into_iter().collect()
}

/// Walks to the end of a block of one of the streams, and tells which. A symbol has to wait for
/// the one before it, but not for those of another stream.
fn in_turns<const N: usize>(walks: [&mut Walk<'_>; N]) -> Option<usize> {
    let mut places = walks.each_ref().map(|walk| walk.place);
    loop {
        for (place, walk) in places.iter_mut().zip(&walks) {
            if place.next.saturating_sub(8) > walk.size() {
                return None;
            }
            place.bits |= walk.stream.word(place.next) << place.left;
            place.next += (63 - place.left) as usize / 8;
            place.left |= 56;
        }
        // Two symbols take 48 bits or fewer.
        for _ in 0..2 {
            for index in 0..N {
                let place = &mut places[index];
                let mut step = walks[index].steps[place.table + place.bits as usize % TABLE];
                if step == 0 {
                    step = walks[index].rare(place)?;
                }
                place.bits >>= step & STEP_BITS;
                place.left -= u32::from(step & STEP_BITS);
                if step & END != 0 {
                    walks[index].stream.position = place.next * 8 - place.left as usize;
                    for (walk, place) in walks.into_iter().zip(places) {
                        walk.place = place;
                    }
                    return Some(index);
                }
                place.table = usize::from(step) & TABLE;
            }
        }
    }
}

/// Where a block begins and ends, in bits.
struct Block {
    header: usize,
    end: usize,
}

/// A walk through the symbols of a stream.
struct Walk<'a> {
    stream: Bits<'a>,
    /// Where the block begins, and whether it is the last.
    header: usize,
    last: bool,
    /// Of literals and lengths, and of distances.
    codes: [Codes; 2],
    steps: [Step; 2 * TABLE],
    place: Position,
}

/// What was read of a stream.
#[derive(Clone, Copy, Default)]
struct Position {
    /// The next bits, and how many.
    bits: u64,
    left: u32,
    /// The byte that follows.
    next: usize,
    /// The table of the next symbol.
    table: usize,
}

impl<'a> Walk<'a> {
    fn new(padded: &'a [u8]) -> Self {
        Self {
            stream: Bits {
                bytes: padded,
                position: 0,
            },
            header: 0,
            last: false,
            codes: [Codes::new(&[]), Codes::new(&[])],
            steps: [0; 2 * TABLE],
            place: Position::default(),
        }
    }

    /// Bytes of the stream.
    fn size(&self) -> usize {
        self.stream.bytes.len() - PADDING
    }

    /// Goes to the symbols of the next block that has some. Tells the last block, after it.
    fn enter(&mut self) -> Option<Option<Block>> {
        loop {
            let end = self.stream.position;
            if end > self.size() * 8 {
                return None;
            }
            if self.last {
                let header = self.header;
                return (end.div_ceil(8) == self.size()).then_some(Some(Block { header, end }));
            }
            self.header = end;
            self.last = self.stream.take(1) == 1;
            match self.stream.take(2) {
                0 => {
                    self.stream.position = self.stream.position.next_multiple_of(8);
                    let length = self.stream.take(16) as usize;
                    self.stream.position += 16 + 8 * length;
                }
                kind @ (1 | 2) => {
                    self.codes = if kind == 1 {
                        fixed()
                    } else {
                        self.stream.codes()?
                    };
                    let (of_literals, of_distances) = self.steps.split_at_mut(TABLE);
                    self.codes[LITERALS].steps(LITERALS, of_literals);
                    self.codes[DISTANCES].steps(DISTANCES, of_distances);
                    self.place = Position {
                        bits: self.stream.peek(),
                        left: 56 - self.stream.position as u32 % 8,
                        next: self.stream.position / 8 + 7,
                        table: 0,
                    };
                    return Some(None);
                }
                _ => return None,
            }
        }
    }

    /// The step of a symbol that is in no table.
    #[cold]
    fn rare(&self, place: &Position) -> Option<Step> {
        let kind = place.table / TABLE;
        let (symbol, length) = self.codes[kind].find(place.bits)?;
        Some(match MEANINGS[kind](symbol) {
            Some(meaning) => encode(length, meaning),
            None => END + length as Step,
        })
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Bits<'_> {
    /// The eight bytes at an index; zeros where the stream has ended.
    #[inline]
    fn word(&self, start: usize) -> u64 {
        let bytes = self
            .bytes
            .get(start..start + 8)
            .and_then(|bytes| bytes.try_into().ok())
            .unwrap_or_default();
        u64::from_le_bytes(bytes)
    }

    /// The next 57 bits or more.
    #[inline]
    fn peek(&self) -> u64 {
        self.word(self.position / 8) >> (self.position % 8)
    }

    fn take(&mut self, count: u32) -> u32 {
        let bits = self.peek() & ((1 << count) - 1);
        self.position += count as usize;
        // Never more than 16 are taken.
        bits as u32
    }

    /// The codes of a block with dynamic ones (section 3.2.7).
    fn codes(&mut self) -> Option<[Codes; 2]> {
        let literals = self.take(5) as usize + 257;
        let distances = self.take(5) as usize + 1;
        let count = self.take(4) as usize + 4;
        let mut lengths = [0; 19];
        for &symbol in &CODE_LENGTHS[..count] {
            lengths[symbol] = self.take(3) as u8;
        }
        let mut table = [(0, 0); 1 << LENGTH_BITS];
        Codes::new(&lengths).each(LENGTH_BITS, |code, length, symbol| {
            for index in (code..table.len()).step_by(1 << length) {
                table[index] = (symbol, length);
            }
        });

        let mut lengths = [0; 320];
        let mut filled = 0;
        while filled < literals + distances {
            let (symbol, bits) = table[self.peek() as usize % table.len()];
            if bits == 0 {
                return None;
            }
            self.position += bits;
            let (length, repeat) = match symbol {
                16 => (*lengths.get(filled.checked_sub(1)?)?, 3 + self.take(2)),
                17 => (0, 3 + self.take(3)),
                18 => (0, 11 + self.take(7)),
                // A length of a code, 0 to 15.
                length => (length as u8, 1),
            };
            let end = filled + repeat as usize;
            lengths.get_mut(filled..end)?.fill(length);
            filled = end;
        }
        (filled == literals + distances).then_some(())?;
        Some([
            Codes::new(&lengths[..literals]),
            Codes::new(&lengths[literals..filled]),
        ])
    }
}

/// The two kinds of codes.
const LITERALS: usize = 0;
const DISTANCES: usize = 1;
const MEANINGS: [fn(usize) -> Meaning; 2] = [literal, distance];

/// Of a symbol: its extra bits, and the kind of the next one. None at the end of a block.
type Meaning = Option<(usize, usize)>;

/// Literals, lengths and the end of a block (section 3.2.5).
fn literal(symbol: usize) -> Meaning {
    match symbol {
        0..=255 => Some((0, LITERALS)),
        256 => None,
        257..=264 | 285.. => Some((0, DISTANCES)),
        // Four symbols to each number of bits.
        _ => Some(((symbol - 261) / 4, DISTANCES)),
    }
}

/// The same for distances.
fn distance(symbol: usize) -> Meaning {
    // Two symbols to each number of bits.
    Some(((symbol / 2).saturating_sub(1), LITERALS))
}

/// What stands at some bits of the stream: literals, then another symbol maybe. The low bits
/// are how many bits of the stream that is, [`TABLE`] is set if a distance is next. 0 where
/// a code is longer than the table's, or ends the block.
type Step = u16;
const STEP_BITS: Step = 63;
/// Set after the last symbol of a block.
const END: Step = 2 * TABLE as Step;

fn encode(length: usize, (extra, next): (usize, usize)) -> Step {
    // 15 and 13 bits at most.
    (length + extra + next * TABLE) as Step
}

/// A prefix code (section 3.2.2).
struct Codes {
    /// Codes of each number of bits.
    counts: [u16; MAX_CODE + 1],
    /// Symbols in the order of their codes.
    symbols: [u16; SYMBOLS],
}

impl Codes {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; MAX_CODE + 1];
        for &length in lengths {
            counts[usize::from(length)] += 1;
        }
        counts[0] = 0;
        let mut next = [0; MAX_CODE + 2];
        for length in 1..=MAX_CODE {
            next[length + 1] = next[length] + usize::from(counts[length]);
        }
        let mut symbols = [0; SYMBOLS];
        for (symbol, &length) in lengths.iter().enumerate().filter(|(_, &length)| length > 0) {
            symbols[next[usize::from(length)]] = symbol as u16;
            next[usize::from(length)] += 1;
        }
        Self { counts, symbols }
    }

    /// The symbol at the next bits, and the bits of its code, bit by bit.
    fn find(&self, bits: u64) -> Option<(usize, usize)> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for length in 1..=MAX_CODE {
            code |= (bits >> (length - 1)) as usize & 1;
            let count = usize::from(self.counts[length]);
            if code < first + count {
                let symbol = self.symbols.get(index + code.checked_sub(first)?)?;
                return Some((usize::from(*symbol), length));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }

    /// Calls `put` for each code of up to `bits` bits: the code in the order of the stream,
    /// its length and its symbol.
    fn each(&self, bits: usize, mut put: impl FnMut(usize, usize, u16)) {
        let mut symbols = self.symbols.iter();
        let mut code = 0_usize;
        for length in 1..=bits {
            for &symbol in symbols.by_ref().take(usize::from(self.counts[length])) {
                // Codes are packed from their highest bit, all else from the lowest.
                put(
                    code.reverse_bits() >> (usize::BITS as usize - length),
                    length,
                    symbol,
                );
                code += 1;
            }
            code <<= 1;
        }
    }

    /// Fills the table of the steps that start with these codes.
    fn steps(&self, kind: usize, steps: &mut [Step]) {
        // The first symbol alone.
        let mut first = [0; TABLE];
        let mut lengths = [0; TABLE];
        self.each(TABLE_BITS, |code, length, symbol| {
            if let Some(meaning) = MEANINGS[kind](usize::from(symbol)) {
                let step = encode(length, meaning);
                for index in (code..TABLE).step_by(1 << length) {
                    first[index] = step;
                    lengths[index] = length as Step;
                }
            }
        });
        for (index, step) in steps.iter_mut().enumerate() {
            *step = first[index];
            // A literal is all of its code. As many symbols follow as the index holds.
            while kind == LITERALS && *step < TABLE_BITS as Step {
                let next = index >> *step;
                if first[next] == 0 || *step + lengths[next] > TABLE_BITS as Step {
                    break;
                }
                *step += first[next];
            }
        }
    }
}

/// The codes of a block with fixed ones (section 3.2.6).
fn fixed() -> [Codes; 2] {
    let mut lengths = [8; SYMBOLS];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    [Codes::new(&lengths), Codes::new(&[5; 32])]
}
#[cfg(test)]
mod tests {
    use super::*;
    use libdeflater::{CompressionLvl, Compressor};
    use proptest::prelude::*;
    use std::io::Read;

    fn deflate(level: i32, bytes: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(CompressionLvl::new(level).expect("a level"));
        let mut stream = vec![0; compressor.deflate_compress_bound(bytes.len())];
        let size = compressor
            .deflate_compress(bytes, &mut stream)
            .expect("a stream");
        stream.truncate(size);
        stream
    }

    fn inflate(stream: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        flate2::read::DeflateDecoder::new(stream).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn joined(level: i32, parts: &[Vec<u8>]) -> Vec<u8> {
        let mut stream = Vec::new();
        for part in parts {
            let mut blocks = deflate(level, part);
            sync_flush([&mut blocks]).expect("a deflate stream");
            assert_eq!(blocks[blocks.len() - 4..], [0, 0, 0xff, 0xff]);
            stream.extend_from_slice(&blocks);
        }
        stream.extend_from_slice(&[3, 0]);
        stream
    }

    /// Text-like bytes: of few values, with repetitions.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        (any::<u64>(), 0..70_000_usize, 1..=8_u32).prop_map(|(seed, length, bits)| {
            let mut state = seed | 1;
            let mut bytes: Vec<u8> = Vec::with_capacity(length);
            while bytes.len() < length {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let random = (state >> 33) as usize;
                if random.is_multiple_of(4) && bytes.len() > 300 {
                    let from = bytes.len() - 1 - random % 300;
                    let repeated = bytes[from..bytes.len().min(from + 3 + random % 250)].to_vec();
                    bytes.extend(repeated);
                } else {
                    // The product of two: some values are rare, and get long codes.
                    bytes.push((random >> 8 & random >> 20 & ((1 << bits) - 1)) as u8);
                }
            }
            bytes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn joined_streams_inflate_to_their_parts(level in 0..=12, parts in proptest::collection::vec(text(), 1..4)) {
            let bytes = inflate(&joined(level, &parts)).expect("a deflate stream");
            prop_assert!(bytes == parts.concat());
        }

        #[test]
        fn two_at_once_are_as_each_alone(level in 0..=12, first in text(), second in text()) {
            let mut alone = [deflate(level, &first), deflate(level, &second)];
            let [mut first, mut second] = alone.clone();
            for stream in &mut alone {
                sync_flush([stream]).expect("a deflate stream");
            }
            sync_flush([&mut first, &mut second]).expect("two deflate streams");
            prop_assert!([first, second] == alone);
        }

        #[test]
        fn no_bytes_panic(mut stream: Vec<u8>) {
            let _ = sync_flush([&mut stream]);
        }

        #[test]
        fn a_stream_cut_short_is_an_error(level in 1..=12, part in text(), cut in 1..20_usize) {
            let mut stream = deflate(level, &part);
            stream.truncate(stream.len().saturating_sub(cut));
            prop_assert!(sync_flush([&mut stream]).is_err());
            prop_assert!(sync_flush([&mut deflate(level, &part), &mut stream]).is_err());
        }
    }

    #[test]
    fn what_pads_a_stream_does_not_matter() {
        // An empty block of fixed codes ends after ten bits.
        for padding in 0..64 {
            let mut stream = vec![3, padding << 2];
            sync_flush([&mut stream]).expect("a deflate stream");
            assert_eq!(stream, [2, 0, 0, 0, 0xff, 0xff], "{padding}");
        }
    }

    #[test]
    fn every_length_and_distance() {
        let mut part: Vec<u8> = (0..40_000_u32)
            .map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        for length in 3..=258 {
            for from in [1, 5, 100, 1000, 20_000, 32_768 - 258] {
                let start = part.len() - from;
                let repeated: Vec<u8> =
                    part[start..].iter().copied().cycle().take(length).collect();
                part.extend(repeated);
                part.push(length as u8);
            }
        }
        for level in 0..=12 {
            let parts = [part.clone(), Vec::new(), vec![0; 1 << 20], b"x".to_vec()];
            assert!(
                inflate(&joined(level, &parts)).expect("a stream") == parts.concat(),
                "{level}"
            );
        }
    }
    /// A table's index ends where a literal of one bit and the end of a block, of ten, do not.
    #[test]
    fn the_end_of_a_block_is_not_taken_for_a_literal() {
        let number = |count: usize, value: usize| -> String {
            let bit = |bit| char::from(b'0' + (value >> bit & 1) as u8);
            (0..count).map(bit).collect()
        };
        // The last block, of codes of its own: 257 literals, a distance, 18 lengths of lengths.
        let mut bits = ["1", "01", "00000", "00000", "0111"].concat();
        for symbol in &CODE_LENGTHS[..18] {
            bits += &number(
                3,
                match symbol {
                    1..=5 => 3,
                    6..=10 | 18 => 4,
                    _ => 0,
                },
            );
        }
        // A code is written from its highest bit; 18 is a run of zeros.
        let length = |length: usize| match length {
            1..=5 => format!("{:03b}", length - 1),
            _ => format!("{:04b}", length + 4),
        };
        let zeros = |count: usize| format!("1111{}", number(7, count - 11));
        bits += &zeros(usize::from(b'a'));
        bits.extend((1..=10).map(length));
        bits += &zeros(138);
        bits += &zeros(256 - usize::from(b'k') - 138);
        bits += &length(10);
        bits += &length(1);
        // `a` is 0, `b` is 10, and so on to `j`; the end has all ten bits.
        for text in ["", "a", "bba", "abcdefghij", "jaaaaaaaaa"] {
            let symbols = text.bytes().map(|byte| match byte {
                b'j' => "1111111110".to_owned(),
                _ => format!("{}0", "1".repeat(usize::from(byte - b'a'))),
            });
            let all = [&bits, &symbols.collect(), "1111111111"].concat();
            let mut stream: Vec<u8> = all
                .as_bytes()
                .chunks(8)
                .map(|byte| {
                    let digit = |sum, &digit| sum << 1 | (digit - b'0');
                    byte.iter().rev().fold(0, digit)
                })
                .collect();
            let expected = text.as_bytes();
            assert_eq!(inflate(&stream).expect("a stream"), expected);
            sync_flush([&mut stream]).expect("a deflate stream");
            stream.extend_from_slice(&[3, 0]);
            assert_eq!(inflate(&stream).expect("a stream"), expected);
        }
    }
}
