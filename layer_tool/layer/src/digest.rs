//! Digests as the OCI image specification 1.1 writes them (descriptor.md, "Digests").

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::{self, Read};

const ALGORITHM: &str = "sha256:";

/// `sha256:` and 64 hexadecimal digits in lower case: nothing else is one, wherever it was read.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// Of all that a hasher has seen.
    #[must_use]
    pub fn of_hasher(hasher: Sha256) -> Self {
        let digits = hasher.finalize();
        Self(digits.iter().fold(ALGORITHM.to_owned(), |text, byte| {
            format!("{text}{byte:02x}")
        }))
    }

    /// Of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_hasher(Sha256::new_with_prefix(bytes))
    }

    /// Of all that a reader has.
    ///
    /// # Errors
    /// Those of reading.
    pub fn of_reader(mut reader: impl Read) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(Self::of_hasher(hasher)),
                Ok(count) => hasher.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// With the algorithm.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone, which name a blob's file (image-layout.md).
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0[ALGORITHM.len()..]
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let digits = text.strip_prefix(ALGORITHM);
        if digits.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(is_digit)) {
            return Ok(Self(text));
        }
        Err(format!("{text:?} is not a SHA-256 digest"))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;
    use std::io::{self, Read};

    /// Gives one after another.
    struct Turns(Vec<io::Result<u8>>);

    impl Read for Turns {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            buffer[0] = self.0.remove(0)?;
            Ok(1)
        }
    }

    #[test]
    fn a_reader_is_read_to_its_end_or_error() {
        let error = |kind: io::ErrorKind| Err(kind.into());
        let interrupted = Turns(vec![Ok(b'a'), error(io::ErrorKind::Interrupted), Ok(b'b')]);
        assert_eq!(
            Digest::of_reader(interrupted).expect("no error"),
            Digest::of(b"ab")
        );
        let failing = Turns(vec![Ok(b'a'), error(io::ErrorKind::TimedOut), Ok(b'b')]);
        let error = Digest::of_reader(failing).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn only_digests_are_digests() {
        let digits = "0123456789abcdef".repeat(4);
        let digest = Digest::try_from(format!("sha256:{digits}")).expect("a digest");
        assert_eq!(digest.digits(), digits);
        for text in [
            String::new(),
            digits.clone(),
            "sha256:zz".to_owned(),
            "sha256:".to_owned(),
            format!("sha256:{}", &digits[1..]),
            format!("sha256:{digits}0"),
            format!("sha256:{}", digits.to_uppercase()),
            format!("sha512:{digits}"),
            format!("sha256:../{}", &digits[3..]),
            format!("sha256:{digits}\n"),
        ] {
            assert_eq!(
                Digest::try_from(text.clone()),
                Err(format!("{text:?} is not a SHA-256 digest"))
            );
        }
    }
}
