//! The end of a deflate stream (RFC 1951), against inflaters: of bytes that libdeflate compresses
//! where the first byte is a level, else of any stream.
#![no_main]

use flate2::{Decompress, FlushDecompress, Status};
use layer::compress::sync_flush::sync_flush;
use libdeflater::{CompressionLvl, Compressor};
use std::cell::RefCell;

thread_local! {
    static COMPRESSORS: RefCell<Vec<Compressor>> = RefCell::new(
        (0..=12).map(|level| Compressor::new(CompressionLvl::new(level).expect("a level"))).collect()
    );
    static INFLATER: RefCell<(Decompress, Vec<u8>)> =
        RefCell::new((Decompress::new(false), Vec::with_capacity(2 * LIMIT)));
}

/// Bytes that a stream may hold; of two, twice as many.
const LIMIT: usize = 1 << 15;

fn deflate(level: u8, bytes: &[u8]) -> Vec<u8> {
    COMPRESSORS.with_borrow_mut(|compressors| {
        let compressor = &mut compressors[usize::from(level)];
        let mut stream = vec![0; compressor.deflate_compress_bound(bytes.len())];
        let size = compressor
            .deflate_compress(bytes, &mut stream)
            .expect("room for the stream");
        stream.truncate(size);
        stream
    })
}

/// What a stream of exactly these bytes holds; None if it is no such stream, or holds too much.
fn inflate(stream: &[u8]) -> Option<Vec<u8>> {
    INFLATER.with_borrow_mut(|(inflater, bytes)| {
        inflater.reset(false);
        bytes.clear();
        let status = inflater.decompress_vec(stream, bytes, FlushDecompress::Finish);
        let whole = status.ok()? == Status::StreamEnd && inflater.total_in() == stream.len() as u64;
        whole.then(|| bytes.clone())
    })
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (stream, bytes) = match input {
        [level @ 0..=12, bytes @ ..] => {
            let stream = deflate(*level, bytes);
            assert_eq!(inflate(&stream).as_deref(), Some(bytes));
            (stream, Some(bytes.to_vec()))
        }
        [_, stream @ ..] => (stream.to_vec(), None),
        [] => return,
    };
    let mut open = stream.clone();
    let ended = sync_flush([&mut open]);
    let Some(bytes) = bytes.or_else(|| inflate(&stream)) else {
        return;
    };
    ended.expect("an end");
    assert!(open.ends_with(&[0, 0, 0xff, 0xff]));
    if bytes.len() > LIMIT {
        return;
    }
    // Another stream follows, then an empty last block.
    open.extend_from_within(..);
    open.extend_from_slice(&[3, 0]);
    assert_eq!(inflate(&open), Some(bytes.repeat(2)));
});
