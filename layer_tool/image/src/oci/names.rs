//! Names that registries and runtimes take.

use layer::error::{Error, Result};

/// Letters of a tag (OCI distribution specification 1.1, "Pulling manifests").
const MAX_TAG: usize = 128;

/// Fails unless a registry takes the tag.
///
/// # Errors
/// [`Error::Usage`].
pub fn check_tag(tag: &str) -> Result<()> {
    let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let next = |byte: u8| first(byte) || byte == b'.' || byte == b'-';
    if (1..=MAX_TAG).contains(&tag.len()) && first(tag.as_bytes()[0]) && tag.bytes().all(next) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "tag {tag:?} is not one that registries take; use up to {MAX_TAG} letters, digits, `_`, `.` and `-`, \
         and do not begin with `.` or `-`"
    )))
}

/// Fails unless a reference is `[HOST[:PORT]/]PATH:TAG` as registries and stores take it.
///
/// # Errors
/// [`Error::Usage`].
pub fn check_reference(reference: &str) -> Result<()> {
    let wrong = || {
        Error::Usage(format!(
            "{reference:?} is not the name of an image; write [HOST[:PORT]/]NAME:TAG, the name in lower case letters, \
             digits and single `.`, `_`, `-`, `/` between them"
        ))
    };
    let (name, tag) = reference.rsplit_once(':').ok_or_else(wrong)?;
    check_tag(tag).map_err(|_| wrong())?;
    let mut parts: Vec<_> = name.split('/').collect();
    if parts.len() > 1 && is_host(parts[0]) {
        parts.remove(0);
    }
    if parts.into_iter().all(is_component) {
        Ok(())
    } else {
        Err(wrong())
    }
}

fn is_host(part: &str) -> bool {
    let (host, port) = part.split_once(':').unwrap_or((part, "0"));
    part.contains(['.', ':'])
        && !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
        && port.parse::<u16>().is_ok()
}

/// Letters and digits with a separator between them: `.`, `_`, `__` or hyphens.
fn is_component(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [part.bytes().next(), part.bytes().next_back()];
    ends.into_iter().all(|end| end.is_some_and(is_word))
        && part
            .split(|letter: char| letter.is_ascii() && is_word(letter as u8))
            .all(|separator| {
                matches!(separator, "" | "." | "_" | "__")
                    || separator.bytes().all(|byte| byte == b'-')
            })
}

/// Fails unless a user is `USER` or `USER:GROUP`, each a name or a number (config.md, `User`).
///
/// # Errors
/// [`Error::Usage`].
pub fn check_user(user: &str) -> Result<()> {
    let parts: Vec<_> = user.split(':').collect();
    if parts.len() <= 2 && parts.into_iter().all(is_user) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "--user {user:?} is not an id or a name; write e.g. 1000, 1000:1000, nobody or nobody:nogroup"
    )))
}

/// An id below that of nobody's (-1), or a name as useradd(8) takes it.
fn is_user(part: &str) -> bool {
    let Some(first) = part.bytes().next() else {
        return false;
    };
    if first.is_ascii_digit() {
        return part.parse::<u32>().is_ok_and(|id| id < u32::MAX);
    }
    let name = part.strip_suffix('$').unwrap_or(part);
    part.len() <= 32
        && (first.is_ascii_alphabetic() || first == b'_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Fails unless a port is `NUMBER`, `NUMBER/tcp`, `NUMBER/udp` or `NUMBER/sctp` (config.md,
/// `ExposedPorts`).
///
/// # Errors
/// [`Error::Usage`].
pub fn check_port(port: &str) -> Result<()> {
    let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    let is_number = number.parse::<u16>().is_ok_and(|number| number > 0);
    if is_number && !number.starts_with('+') && ["tcp", "udp", "sctp"].contains(&protocol) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "--exposed-port {port:?} is not a port; write e.g. 8080, 8080/tcp or 53/udp"
    )))
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    fn check(check: fn(&str) -> Result<()>, right: &[&str], wrong: &[&str], problem: &str) {
        for text in right {
            assert!(check(text).is_ok(), "{text}");
        }
        for text in wrong {
            let said = check(text).expect_err(text).to_string();
            assert_eq!(said, problem.replace("{}", &format!("{text:?}")));
        }
    }

    #[test]
    fn tags() {
        let long = "a".repeat(129);
        check(
            check_tag,
            &["latest", "1.0", "_", "A-b.C", &long[1..]],
            &["", ".a", "-a", "a b", "a:b", "a/b", "é", "a\n", &long],
            "tag {} is not one that registries take; use up to 128 letters, digits, `_`, `.` and `-`, \
             and do not begin with `.` or `-`",
        );
    }

    #[test]
    fn references() {
        check(
            check_reference,
            &[
                "app:1",
                "app/image:latest",
                "a.b/c__d/e--f:x",
                "localhost/a:1",
                "Example.com:5000/a/b:1",
                "my-Host:5000/a:1",
            ],
            &[
                "app",
                "App:1",
                "a//b:1",
                "/a:1",
                "a/:1",
                "a_-b:1",
                "a..b:1",
                "-a:1",
                ":1",
                "a:",
                "a: ",
                "h:x/a:1",
                "App/a:1",
                "a_B:5000/a:1",
                ":5/a:1",
            ],
            "{} is not the name of an image; write [HOST[:PORT]/]NAME:TAG, the name in lower case letters, \
             digits and single `.`, `_`, `-`, `/` between them",
        );
    }

    #[test]
    fn users() {
        check(
            check_user,
            &[
                "0",
                "1000:1000",
                "nobody",
                "_apt:nogroup",
                "svc$",
                "1000:adm",
            ],
            &[
                "",
                ":",
                "a:",
                ":1",
                "a:b:c",
                "a b",
                "-1",
                "4294967295",
                "1x",
                "é",
            ],
            "--user {} is not an id or a name; write e.g. 1000, 1000:1000, nobody or nobody:nogroup",
        );
    }

    #[test]
    fn ports() {
        check(
            check_port,
            &["80", "80/tcp", "53/udp", "9/sctp"],
            &["", "0", "65536", "http", "80/", "80/icmp", "+80", "80-90"],
            "--exposed-port {} is not a port; write e.g. 8080, 8080/tcp or 53/udp",
        );
    }
}
