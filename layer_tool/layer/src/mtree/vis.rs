//! vis(3) escapes, as mtree(5) has them in paths and values.

use memchr::memchr;
use std::fmt::Write as _;

/// Escapes all but printable ASCII, and of that `\` and `#`, as `\ooo`.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_graphic() && byte != b'\\' && byte != b'#' {
            text.push(byte as char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\{byte:03o}");
        }
    }
    text
}

/// Undoes vis(3) as unvis(3) does: octal, C-style and meta or control escapes.
///
/// # Errors
/// A fragment of a message, for an escape that means nothing.
pub fn unescape(text: &[u8]) -> Result<Vec<u8>, String> {
    let plain = memchr(b'\\', text);
    let (plain, mut rest) = text.split_at(plain.unwrap_or(text.len()));
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend_from_slice(plain);
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (byte, length) = escaped(rest).ok_or_else(|| {
            let shown = &rest[..rest.len().min(3)];
            format!(
                "bad escape `\\{}`; write a byte as `\\` and three octal digits up to 377",
                escape(shown)
            )
        })?;
        bytes.push(byte);
        rest = &rest[length..];
    }
    Ok(bytes)
}

/// The byte that an escape stands for, and the escape's length after the backslash.
fn escaped(rest: &[u8]) -> Option<(u8, usize)> {
    let byte = match *rest.first()? {
        b'0'..=b'7' => return octal(rest),
        b'M' => {
            let (low, length) = match (rest.get(1)?, rest.get(2)?) {
                (b'-', &low) => (low, 3),
                (b'^', &low) => (control(low), 3),
                _ => return None,
            };
            return Some((low | 0x80, length));
        }
        b'^' => return Some((control(*rest.get(1)?), 2)),
        b's' => b' ',
        b't' => b'\t',
        b'n' => b'\n',
        b'r' => b'\r',
        b'a' => 0x07,
        b'b' => 0x08,
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'E' => 0x1b,
        byte @ (b'\\' | b'#' | b'=' | b'"' | b'\'') => byte,
        _ => return None,
    };
    Some((byte, 1))
}

fn octal(rest: &[u8]) -> Option<(u8, usize)> {
    let digits = rest
        .iter()
        .take(3)
        .take_while(|digit| (b'0'..=b'7').contains(digit))
        .count();
    let value = rest[..digits]
        .iter()
        .fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
    Some((u8::try_from(value).ok()?, digits))
}

fn control(byte: u8) -> u8 {
    if byte == b'?' {
        0x7f
    } else {
        byte & 0x1f
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_of_unvis() {
        for (text, bytes) in [
            (&b"plain"[..], &b"plain"[..]),
            (b"a\\040b\\sc", b"a b c"),
            (b"\\134\\\\\\#", b"\\\\#"),
            (b"\\n\\t\\r\\a\\b\\v\\f\\E", b"\n\t\r\x07\x08\x0b\x0c\x1b"),
            (b"\\0\\7z\\1234", b"\0\x07z\x534"),
            (b"\\M-a\\M^A\\^C\\^?", b"\xe1\x81\x03\x7f"),
            (b"\\M-\xe1", b"\xe1"),
            ("d\u{e9}j\u{e0}".as_bytes(), "d\u{e9}j\u{e0}".as_bytes()),
        ] {
            assert_eq!(unescape(text).as_deref(), Ok(bytes));
        }
    }

    #[test]
    fn escapes_that_mean_nothing() {
        for (text, shown) in [
            (&b"\\"[..], ""),
            (b"\\9", "9"),
            (b"\\400", "400"),
            (b"a\\x41 and more", "x41"),
            (b"\\M", "M"),
            (b"\\M-", "M-"),
            (b"\\^", "^"),
            (b"\\\xff", "\\377"),
        ] {
            let problem = format!(
                "bad escape `\\{shown}`; write a byte as `\\` and three octal digits up to 377"
            );
            assert_eq!(unescape(text), Err(problem));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes: Vec<u8>) {
            let text = escape(&bytes);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(unescape(text.as_bytes()), Ok(bytes));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = unescape(&bytes);
        }
    }
}
