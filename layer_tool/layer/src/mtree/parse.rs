//! The reader: bytes in, records out, no I/O.

use super::{vis, Keywords, Kind, Links, Record, Time};
use crate::image_path::{self, beginning};
use memchr::{memchr, memchr2_iter};
use std::borrow::Cow;

/// What is wrong with a manifest, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub problem: String,
}

/// As in a file of old Macs, whose lines end so: all of it would be one line.
const RETURN_IN_LINE: &str = "the line has a carriage return; end lines with LF or CRLF, and \
                              write \\015 in a path";

/// Reads a manifest, a record at a time.
///
/// # Errors
/// A line that is not mtree(5), or that no layer can hold; nothing follows it.
pub fn parse(manifest: &[u8]) -> impl Iterator<Item = Result<Record, ParseError>> + '_ {
    // Few manifests have one, so that no line is searched for it.
    let has_returns = memchr(b'\r', manifest).is_some();
    let mut lines = logical_lines(manifest);
    let mut state = State::default();
    let mut failed = false;
    std::iter::from_fn(move || {
        while !failed {
            let (line, text) = lines.next()?;
            if has_returns && text.contains(&b'\r') {
                failed = true;
                let problem = RETURN_IN_LINE.to_owned();
                return Some(Err(ParseError { line, problem }));
            }
            let record = state.line(line, &text);
            failed = record.is_err();
            if let Some(record) = record.transpose() {
                return Some(record.map_err(|problem| ParseError { line, problem }));
            }
        }
        None
    })
}

/// Lines with their numbers: CR and comments dropped, `\` at an end joined to the next.
fn logical_lines(manifest: &[u8]) -> impl Iterator<Item = (usize, Cow<'_, [u8]>)> + '_ {
    let mut lines = parts(manifest, b'\n', b'\n').enumerate();
    std::iter::from_fn(move || {
        let (index, line) = lines.next()?;
        let mut part = without_return(line);
        let mut text = Cow::Borrowed(part);
        if !is_comment(line) {
            while continues(part) {
                let text = text.to_mut();
                text.pop();
                let Some((_, line)) = lines.next() else {
                    break;
                };
                part = without_return(line);
                text.extend_from_slice(part);
            }
        }
        Some((index + 1, text))
    })
}

/// What stands between two bytes, as `split` has it.
fn parts(text: &[u8], one: u8, other: u8) -> impl Iterator<Item = &[u8]> {
    let ends = memchr2_iter(one, other, text).chain([text.len()]);
    ends.scan(0, |start, end| {
        let part = &text[*start..end];
        *start = end + 1;
        Some(part)
    })
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_comment(line: &[u8]) -> bool {
    line.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'#')
}

/// Whether a line ends in a backslash that no other one escapes: none of an earlier line does.
fn continues(line: &[u8]) -> bool {
    let backslashes = line.iter().rev().take_while(|&&byte| byte == b'\\').count();
    backslashes % 2 == 1
}

#[derive(Default)]
struct State {
    defaults: Keywords,
    /// The directory that relative paths are below.
    directory: Vec<u8>,
    /// The length of `directory` to go back to at each `..`.
    kept: Vec<usize>,
}

impl State {
    fn line(&mut self, line: usize, text: &[u8]) -> Result<Option<Record>, String> {
        let mut words = parts(text, b' ', b'\t').filter(|word| !word.is_empty());
        let Some(first) = words.next() else {
            return Ok(None);
        };
        match first {
            [b'#', ..] => {}
            b"/set" => {
                for word in words {
                    set(&mut self.defaults, word)?;
                }
            }
            b"/unset" => {
                for word in words {
                    unset(&mut self.defaults, word);
                }
            }
            b".." => {
                let Some(kept) = self.kept.pop() else {
                    return Err("`..` climbs out of the root; remove it".to_owned());
                };
                self.directory.truncate(kept);
            }
            _ => {
                let mut keywords = self.defaults.clone();
                for word in words {
                    set(&mut keywords, word)?;
                }
                return self.entry(line, first, keywords).map(Some);
            }
        }
        Ok(None)
    }

    fn entry(&mut self, line: usize, name: &[u8], keywords: Keywords) -> Result<Record, String> {
        let full = name.contains(&b'/');
        let name = vis::unescape(name)?;
        let mut path = if full {
            Vec::with_capacity(name.len())
        } else {
            self.directory.clone()
        };
        append(&mut path, &name)?;
        // The root of the image has none.
        if !path.is_empty() {
            image_path::check(&path)?;
        }
        if !full && keywords.kind == Some(Kind::Dir) {
            self.kept.push(self.directory.len());
            self.directory.clone_from(&path);
        }
        Ok(Record {
            line,
            path,
            keywords,
        })
    }
}

/// Appends the parts of a name to a path: `.`, empty ones and a leading `/` dropped.
fn append(path: &mut Vec<u8>, name: &[u8]) -> Result<(), String> {
    if name.contains(&0) {
        return Err(format!(
            "path `{}` holds a NUL byte, which no file name can; remove it",
            vis::escape(name)
        ));
    }
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                return Err(format!(
                    "path `{}` climbs out with `..`; write the path without it",
                    vis::escape(name)
                ));
            }
            part => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    Ok(())
}

/// Reads `KEYWORD=VALUE` or a keyword alone; those that do not matter here are ignored.
fn set(keywords: &mut Keywords, word: &[u8]) -> Result<(), String> {
    let (keyword, value) = match word.iter().position(|&byte| byte == b'=') {
        Some(at) => (&word[..at], &word[at + 1..]),
        None => (word, &b""[..]),
    };
    match keyword {
        b"type" => keywords.kind = Some(kind(value)?),
        b"mode" => keywords.mode = Some(mode("mode", value)?),
        b"dmode" => keywords.dmode = Some(mode("dmode", value)?),
        b"lmode" => keywords.lmode = Some(mode("lmode", value)?),
        b"uid" => keywords.uid = Some(id("uid", value)?),
        b"gid" => keywords.gid = Some(id("gid", value)?),
        b"size" => keywords.size = Some(number("size", value)?),
        b"time" => keywords.time = Some(time(value)?),
        b"uname" => keywords.uname = Some(owner("uname", value)?),
        b"gname" => keywords.gname = Some(owner("gname", value)?),
        b"content" | b"contents" => keywords.contents = Some(target("contents", value)?),
        b"link" => keywords.link = Some(target("link", value)?),
        b"links" => keywords.links = Some(links(value)?),
        _ => {}
    }
    Ok(())
}

fn unset(keywords: &mut Keywords, keyword: &[u8]) {
    match keyword {
        b"type" => keywords.kind = None,
        b"mode" => keywords.mode = None,
        b"dmode" => keywords.dmode = None,
        b"lmode" => keywords.lmode = None,
        b"uid" => keywords.uid = None,
        b"gid" => keywords.gid = None,
        b"size" => keywords.size = None,
        b"time" => keywords.time = None,
        b"uname" => keywords.uname = None,
        b"gname" => keywords.gname = None,
        b"content" | b"contents" => keywords.contents = None,
        b"link" => keywords.link = None,
        b"links" => keywords.links = None,
        b"all" => *keywords = Keywords::default(),
        _ => {}
    }
}

fn kind(value: &[u8]) -> Result<Kind, String> {
    Kind::NAMES
        .into_iter()
        .find(|(name, _)| name.as_bytes() == value)
        .map(|(_, kind)| kind)
        .ok_or_else(|| {
            format!(
                "type={} cannot be in a layer; use file, dir, link, tree or artifact",
                vis::escape(value)
            )
        })
}

fn links(value: &[u8]) -> Result<Links, String> {
    Links::NAMES
        .into_iter()
        .find(|(name, _)| name.as_bytes() == value)
        .map(|(_, links)| links)
        .ok_or_else(|| {
            format!(
                "links={} is unknown; use keep, follow or listed",
                vis::escape(value)
            )
        })
}

fn mode(keyword: &str, value: &[u8]) -> Result<u32, String> {
    std::str::from_utf8(value)
        .ok()
        .filter(|text| !text.starts_with('+'))
        .and_then(|text| u32::from_str_radix(text, 8).ok())
        .filter(|&mode| mode <= 0o7777)
        .ok_or_else(|| {
            format!(
                "{keyword}={} is not a mode; write octal digits up to 7777",
                vis::escape(value)
            )
        })
}

fn id(keyword: &str, value: &[u8]) -> Result<u64, String> {
    check_id(keyword, number(keyword, value)?)
}

/// The number of an owner, if one can have it: Linux has 32 bits for it, of which the last one
/// (`(uid_t)-1`) means nobody. Runtimes cut what is larger, perhaps to root's.
///
/// # Errors
/// It is larger.
pub fn check_id(keyword: &str, id: u64) -> Result<u64, String> {
    if id < u64::from(u32::MAX) {
        return Ok(id);
    }
    Err(format!(
        "{keyword}={id} is not a valid id of an owner; write 0 to {}",
        u32::MAX - 1
    ))
}

fn number(keyword: &str, value: &[u8]) -> Result<u64, String> {
    decimal(value).ok_or_else(|| {
        format!(
            "{keyword}={} is not a number; write decimal digits",
            vis::escape(value)
        )
    })
}

fn decimal(value: &[u8]) -> Option<u64> {
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// `SECONDS[.NANOSECONDS]`; the second number counts, as libarchive has it: 1.5 is one
/// second and five nanoseconds.
fn time(value: &[u8]) -> Result<Time, String> {
    let mut numbers = value.splitn(2, |&byte| byte == b'.');
    let seconds = numbers.next().unwrap_or_default();
    let (sign, digits) = match seconds.strip_prefix(b"-") {
        Some(digits) => (-1, digits),
        None => (1, seconds),
    };
    let seconds = decimal(digits).and_then(|number| i64::try_from(number).ok());
    let nanoseconds = match numbers.next() {
        Some(digits) => decimal(digits).and_then(|number| u32::try_from(number).ok()),
        None => Some(0),
    };
    match (seconds, nanoseconds) {
        (Some(seconds), Some(nanoseconds @ 0..=999_999_999)) => Ok(Time {
            seconds: sign * seconds,
            nanoseconds,
        }),
        _ => Err(format!(
            "time={} is not a time; write seconds since the epoch, or seconds.nanoseconds",
            vis::escape(value)
        )),
    }
}

/// A path that is to be opened, by this program or by one in the image.
fn target(keyword: &str, value: &[u8]) -> Result<Vec<u8>, String> {
    // Linux's `PATH_MAX` counts the NUL at the end.
    text(image_path::MAX_PATH - 1, keyword, value)
}

/// The name of an owner, of which a system can have one.
///
/// # Errors
/// A fragment of a message that says what is wrong with the value of `keyword`, and what to do.
pub fn owner(keyword: &str, value: &[u8]) -> Result<Vec<u8>, String> {
    // Linux's `LOGIN_NAME_MAX` counts the NUL at the end.
    text(255, keyword, value)
}

fn text(max: usize, keyword: &str, value: &[u8]) -> Result<Vec<u8>, String> {
    let value = vis::unescape(value)?;
    if value.len() > max {
        return Err(format!(
            "{keyword}={} has {} bytes, and systems take {max} at most; shorten it",
            beginning(&value),
            value.len()
        ));
    }
    if value.contains(&0) {
        return Err(format!(
            "{keyword}={} holds a NUL byte, at which readers end it; remove it",
            vis::escape(&value)
        ));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(manifest: &[u8]) -> Vec<Record> {
        parse(manifest)
            .collect::<Result<_, _>>()
            .expect("a manifest")
    }

    fn paths(manifest: &[u8]) -> Vec<(usize, String)> {
        records(manifest)
            .into_iter()
            .map(|record| (record.line, vis::escape(&record.path)))
            .collect()
    }

    fn rows(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
        expected
            .iter()
            .map(|&(line, path)| (line, path.to_owned()))
            .collect()
    }

    #[test]
    fn full_and_relative_paths() {
        let manifest = b"#mtree\n. type=dir\nusr type=dir\n  bin type=dir\n    python3 type=file\n  ..\n..\n..\n/opt//x/./y\n./a/b\nplain\n";
        assert_eq!(
            paths(manifest),
            rows(&[
                (2, ""),
                (3, "usr"),
                (4, "usr/bin"),
                (5, "usr/bin/python3"),
                (9, "opt/x/y"),
                (10, "a/b"),
                (11, "plain"),
            ])
        );
    }

    #[test]
    fn comments_continuations_and_carriage_returns() {
        let manifest = b"# a comment \\\r\n./a \\\r\n  type=link \\\r\n  link=b\r\n\r\n  # another\n./c\\134\n";
        assert_eq!(paths(manifest), rows(&[(2, "a"), (7, "c\\134")]));
        let records = records(manifest);
        assert_eq!(records[0].keywords.link.as_deref(), Some(&b"b"[..]));
    }

    #[test]
    fn settings_apply_until_unset() {
        let manifest = b"/set type=file uid=7 mode=0640 time=5.25\n./a uid=8\n/unset uid mode\n./b content=x\\040y nochange sha256digest=00\n";
        let records = records(manifest);
        let a = &records[0].keywords;
        assert_eq!((a.uid, a.mode), (Some(8), Some(0o640)));
        let b = &records[1].keywords;
        assert_eq!((b.uid, b.mode), (None, None));
        assert_eq!(
            b.time,
            Some(Time {
                seconds: 5,
                nanoseconds: 25
            })
        );
        assert_eq!(b.contents.as_deref(), Some(&b"x y"[..]));
    }

    #[test]
    fn each_setting_is_unset_alone() {
        let words = [
            "type=link",
            "mode=1",
            "dmode=2",
            "lmode=3",
            "uid=4",
            "gid=5",
            "size=6",
            "time=7",
            "uname=u",
            "gname=g",
            "contents=c",
            "link=l",
            "links=keep",
        ];
        let with = |words: &[&str], then: &str| {
            let manifest = format!("/set {}\n{then}\n./a\n", words.join(" "));
            records(manifest.as_bytes())[0].keywords.clone()
        };
        for (at, word) in words.iter().enumerate() {
            let others = [&words[..at], &words[at + 1..]].concat();
            let keyword = word.split('=').next().expect("one");
            let unset = with(&words, &format!("/unset {keyword} nothing"));
            assert_eq!(unset, with(&others, ""), "{word}");
            assert_ne!(unset, with(&words, ""), "{word}");
        }
        assert_eq!(with(&words, "/unset content").contents, None);
        assert_eq!(with(&words, "/unset all"), Keywords::default());
    }

    #[test]
    fn errors_name_the_line() {
        for (manifest, line, problem) in [
            ("./a type=sock", 1, "type=sock cannot be in a layer"),
            ("./a\n./b type=", 2, "type= cannot be in a layer"),
            ("./a mode=0999", 1, "mode=0999 is not a mode"),
            ("./a mode=17777", 1, "mode=17777 is not a mode"),
            ("./a uid=-1", 1, "uid=-1 is not a number"),
            ("./a gid=wheel", 1, "gid=wheel is not a number"),
            ("./a size=1k", 1, "size=1k is not a number"),
            ("./a time=now", 1, "time=now is not a time"),
            ("./a time=1.9999999999", 1, "is not a time"),
            ("./a\\400", 1, "bad escape `\\400`"),
            ("./a link=\\9", 1, "bad escape"),
            ("./a links=no", 1, "links=no is unknown; use keep,"),
            ("./a/../b", 1, "climbs out with `..`"),
            ("a/..", 1, "climbs out with `..`"),
            ("..", 1, "climbs out of the root"),
            (". type=dir\n..\n..", 3, "climbs out of the root"),
            ("./a\\000b", 1, "holds a NUL byte"),
            ("./a contents=x\\0", 1, "contents=x\\000 holds a NUL byte"),
            ("./a uname=x\\0", 1, "uname=x\\000 holds a NUL byte"),
            ("./a gname=\\000", 1, "gname=\\000 holds a NUL byte"),
            ("./a \\\n type=\\\nx\n./b", 1, "type=x cannot be in a layer"),
            (
                "./a\n./b/.wh.c",
                2,
                "path `b/.wh.c` has a name that begins with `.wh.`",
            ),
            (
                "d type=dir\n.wh..wh..opq",
                2,
                "path `d/.wh..wh..opq` has a name that begins",
            ),
        ] {
            let error = parse(manifest.as_bytes())
                .find_map(Result::err)
                .expect(manifest);
            assert_eq!(error.line, line, "{manifest}");
            assert!(error.problem.contains(problem), "{}", error.problem);
        }
    }

    #[test]
    fn what_systems_do_not_take() {
        let long = |count| "n".repeat(count);
        let deep = |count| "d/".repeat(count);
        for (manifest, problem) in [
            (format!("./{}f", deep(2047)), None),
            (format!("./{}ff", deep(2047)), None),
            (
                format!("./{}fff", deep(2047)),
                Some("has 4097 bytes, and systems take 4096 at most"),
            ),
            (format!("./{}", long(255)), None),
            (
                format!("./{}", long(256)),
                Some("of 256 bytes, and file systems take 255 at most"),
            ),
            (format!("./a link={}", long(4095)), None),
            (format!("./a link={}", long(4096)), Some("link=nnn")),
            (
                format!("./a link={}", long(4096)),
                Some("has 4096 bytes, and systems take 4095"),
            ),
            (format!("./a contents={}", long(4095)), None),
            (
                format!("./a contents={}", long(4096)),
                Some("has 4096 bytes, and systems take 4095"),
            ),
            (format!("./a uname={}", long(255)), None),
            (
                format!("./a uname={}", long(256)),
                Some("has 256 bytes, and systems take 255"),
            ),
            (format!("/set gname={}", long(256)), Some("gname=nnn")),
            // The limit is of bytes, not of what escapes make of them.
            (format!("./{}", "\\377".repeat(255)), None),
            // As a directory of each line holds the next.
            ("d type=dir\n".repeat(2048), None),
            (
                "d type=dir\n".repeat(2049),
                Some("has 4097 bytes, and systems take 4096"),
            ),
        ] {
            let error = parse(manifest.as_bytes()).find_map(Result::err);
            let shown = &manifest[..20];
            match (error, problem) {
                (None, None) => {}
                (Some(error), Some(problem)) => {
                    assert!(error.problem.contains(problem), "{}", error.problem);
                    assert!(error.problem.len() < 1000, "{}", error.problem);
                }
                (error, _) => panic!("{shown}: {error:?}"),
            }
        }
    }

    /// Takes minutes if each continued line is looked at from its beginning.
    #[test]
    fn many_continued_lines() {
        for start in [" ".repeat(1 << 20), "\\\\".repeat(1 << 19)] {
            let manifest = format!("{start}{}a", "\\\n".repeat(1 << 19));
            assert_eq!(parse(manifest.as_bytes()).count(), 1);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(manifest: Vec<u8>) {
            let _ = parse(&manifest).count();
        }
    }
}
