//! The records of pax headers (POSIX.1-2001, pax, "pax Extended Header").

use crate::image_path::MAX_PATH;
use crate::mtree::Time;
use std::collections::BTreeMap;

/// Bytes that a value may have.
pub const MAX_VALUE: usize = 1 << 20;

/// Bytes that a value may have which each entry holds: an owner's name, as systems have it, or a
/// number.
const MAX_SHORT: usize = 255;

/// The records that matter to a reader, by keyword.
#[derive(Clone, Debug, Default)]
pub struct Pax {
    values: BTreeMap<&'static [u8], Vec<u8>>,
    /// Offset and size of what a sparse file of version 0.0 has, from records that repeat.
    pub extents: Vec<Vec<u8>>,
}

const KEYWORDS: [&[u8]; 14] = [
    b"path",
    b"linkpath",
    b"uid",
    b"gid",
    b"uname",
    b"gname",
    b"mtime",
    b"size",
    b"GNU.sparse.major",
    b"GNU.sparse.minor",
    b"GNU.sparse.name",
    b"GNU.sparse.size",
    b"GNU.sparse.realsize",
    b"GNU.sparse.map",
];

/// Of these, what may be long: paths, and the map of a sparse file.
const LONG: [&[u8]; 4] = [b"path", b"linkpath", b"GNU.sparse.name", b"GNU.sparse.map"];

impl Pax {
    /// Adds the records of a global header, which are of all entries after it: so no map of a sparse
    /// file is, nor a path that no entry can have.
    ///
    /// # Errors
    /// As [`Pax::add`].
    pub fn add_global(&mut self, records: &[u8]) -> Result<(), String> {
        self.add(records)?;
        self.extents.clear();
        self.values.retain(|keyword, value| {
            !keyword.starts_with(b"GNU.sparse.") && value.len() <= MAX_PATH
        });
        Ok(())
    }

    /// Adds the records of a header, `LENGTH KEYWORD=VALUE\n` each. The length says where a record
    /// ends: a value may have newlines.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn add(&mut self, mut records: &[u8]) -> Result<(), String> {
        while !records.is_empty() {
            let (record, rest) = first(records)
                .ok_or("a pax record that is not `LENGTH KEYWORD=VALUE`; write the layer again")?;
            records = rest;
            let equals = record.iter().position(|&byte| byte == b'=');
            let (keyword, value) = record.split_at(equals.unwrap_or_default());
            let value = &value[1..];
            if value.len() > MAX_VALUE {
                return Err(format!(
                    "a pax value of {} bytes; leave that record out, one may have {MAX_VALUE}",
                    value.len()
                ));
            }
            if matches!(keyword, b"GNU.sparse.offset" | b"GNU.sparse.numbytes") {
                self.extents.push(value.to_vec());
            } else if let Some(keyword) = KEYWORDS.iter().find(|known| **known == keyword) {
                if value.len() > MAX_SHORT && !LONG.contains(keyword) {
                    return Err(format!(
                        "a pax record {} of {} bytes; leave it out, one may have {MAX_SHORT}",
                        keyword.escape_ascii(),
                        value.len()
                    ));
                }
                self.values.insert(keyword, value.to_vec());
            }
        }
        Ok(())
    }

    /// A value; None also for an empty one, which takes back what a global header says.
    pub fn get(&self, keyword: &str) -> Option<&[u8]> {
        let value = self.values.get(keyword.as_bytes())?;
        (!value.is_empty()).then_some(value)
    }

    /// A decimal number, if there is one.
    ///
    /// # Errors
    /// The value is none.
    pub fn number(&self, keyword: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.get(keyword) else {
            return Ok(None);
        };
        let number = decimal(value).ok_or_else(|| wrong(keyword, value, "number"))?;
        Ok(Some(number))
    }

    /// A time, if there is one.
    ///
    /// # Errors
    /// The value is none.
    pub fn time(&self, keyword: &str) -> Result<Option<Time>, String> {
        let Some(value) = self.get(keyword) else {
            return Ok(None);
        };
        let time = time(value).ok_or_else(|| wrong(keyword, value, "time"))?;
        Ok(Some(time))
    }
}

fn wrong(keyword: &str, value: &[u8], what: &str) -> String {
    let shown = value[..value.len().min(40)].escape_ascii();
    format!("the pax record {keyword}={shown}, which is not a {what}; write the layer again")
}

/// The first record without its length and newline, and the others.
fn first(records: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = records.iter().take(20).position(|&byte| byte == b' ')?;
    let length = usize::try_from(decimal(&records[..space])?).ok()?;
    let rest = records.get(length..)?;
    let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
    record
        .iter()
        .position(|&byte| byte == b'=')
        .filter(|&at| at > 0)?;
    Some((record, rest))
}

/// Digits only.
pub fn decimal(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Decimal seconds with a fraction, of which nanoseconds are kept.
fn time(value: &[u8]) -> Option<Time> {
    let (negative, digits) = match value.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let text = std::str::from_utf8(digits).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let nanoseconds: u32 = nine.parse().ok()?;
    let seconds = i64::try_from(decimal(whole.as_bytes())?).ok()?;
    Some(match (negative, nanoseconds) {
        (false, _) => Time {
            seconds,
            nanoseconds,
        },
        (true, 0) => Time {
            seconds: -seconds,
            nanoseconds,
        },
        // Nanoseconds count forward also before the epoch.
        (true, _) => Time {
            seconds: (-seconds).checked_sub(1)?,
            nanoseconds: 1_000_000_000 - nanoseconds,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, expected) in [
            ("5", Some((5, 0))),
            ("5.25", Some((5, 250_000_000))),
            ("-1.25", Some((-2, 750_000_000))),
            ("-0.5", Some((-1, 500_000_000))),
            ("0.000000001", Some((0, 1))),
            ("1.0000000009", Some((1, 0))),
            ("9223372036854775808", None),
            ("-9223372036854775807", Some((-i64::MAX, 0))),
            ("--1", None),
            ("1.x", None),
            ("1.+2", None),
        ] {
            let found = time(text.as_bytes()).map(|time| (time.seconds, time.nanoseconds));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn records_end_where_their_length_says() {
        let mut pax = Pax::default();
        assert_eq!(pax.add(b"13 path=a\n=b\n8 uid=7\n"), Ok(()));
        assert_eq!(pax.get("path"), Some(&b"a\n=b"[..]));
        assert_eq!(pax.number("uid"), Ok(Some(7)));
        for wrong in [
            &b"8 uid=7"[..],
            b"9 uid=7\n",
            b"7 uid=7\n",
            b"2 \n",
            b"x uid=7\n",
            b"6 uid7\n\n",
            b"5 =7\n",
            b"99999999999999999999 uid=7\n",
        ] {
            let problem = "a pax record that is not `LENGTH KEYWORD=VALUE`; write the layer again";
            assert_eq!(
                Pax::default().add(wrong),
                Err(problem.to_owned()),
                "{}",
                wrong.escape_ascii()
            );
        }
    }
}
