//! mtree(5): what is read of a manifest is read again of what is written of it.
#![no_main]

use layer::mtree::{parse, write};

libfuzzer_sys::fuzz_target!(|manifest: &[u8]| {
    let mut records: Vec<_> = parse(manifest).map_while(Result::ok).collect();
    let mut written = Vec::new();
    write(&mut written, &records).expect("a Vec takes all");
    // A record to a line, after the first one.
    for (record, line) in records.iter_mut().zip(2..) {
        record.line = line;
    }
    assert_eq!(parse(&written).collect::<Result<Vec<_>, _>>(), Ok(records));
});
