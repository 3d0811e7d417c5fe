//! Layers of any program and any compression: reading ends, and names are within limits.
#![no_main]

use layer::tar::decompress::decompress;
use layer::tar::{self, Limits};
use std::io::{self, Read};

/// Holes take long to read.
const CONTENT: u64 = 64 << 10;

fn read(layer: &[u8]) -> io::Result<()> {
    let (_, tar) = decompress(layer)?;
    let mut end = 0;
    tar::read(tar, Limits::default(), |entry, content| {
        assert!(entry.path.len() <= 4096 && entry.mode <= 0o7777);
        assert!(entry.offset >= end && entry.end > entry.offset);
        end = entry.end;
        let read = io::copy(&mut content.take(CONTENT), &mut io::sink())?;
        assert_eq!(read, entry.size.min(CONTENT));
        Ok(())
    })
}

libfuzzer_sys::fuzz_target!(|layer: &[u8]| {
    // What is no layer has an error.
    let _ = read(layer);
});
