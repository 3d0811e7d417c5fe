//! vis(3): any bytes come back from what is printable, and so does what an escape means.
#![no_main]

use layer::mtree::vis::{escape, unescape};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = escape(bytes);
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(unescape(text.as_bytes()).as_deref(), Ok(bytes));
    if let Ok(meant) = unescape(bytes) {
        assert_eq!(unescape(escape(&meant).as_bytes()), Ok(meant));
    }
});
