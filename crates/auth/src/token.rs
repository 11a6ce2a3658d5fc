//! Session tokens: what the browser holds, and the digest that is all we keep of it.

use std::fmt;
use std::io;

use platform::Random;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const TOKEN_BYTES: usize = 32;

/// 256 random bits as 64 lower-case hexadecimal digits; wiped from memory when dropped and never
/// printed.
pub struct SessionToken(Zeroizing<String>);

/// SHA-256 of a token in hexadecimal: the key of a session's row. A fast digest is enough, since
/// the token itself is random and far too long to be guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(String);

impl SessionToken {
    /// Errors: the operating system gave no randomness; refuse the login.
    pub fn generate(random: &dyn Random) -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0_u8; TOKEN_BYTES]);
        random.fill(bytes.as_mut_slice())?;
        Ok(Self(Zeroizing::new(hex(bytes.as_slice()))))
    }

    /// Reads a cookie's value; `None` when it cannot be one of our tokens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (text.len() == TOKEN_BYTES * 2 && digits).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// What goes into the cookie, and nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(hex(&Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

impl TokenHash {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use platform::HostRandom;

    use super::SessionToken;

    #[test]
    fn a_token_survives_the_cookie_and_hides_from_debug() {
        let token = SessionToken::generate(&HostRandom).unwrap();
        let back = SessionToken::parse(token.expose()).unwrap();
        assert_eq!(token.hash(), back.hash());
        assert_ne!(token.hash().as_str(), token.expose());
        assert!(!format!("{token:?}").contains(&token.expose()[..8]));
        assert_ne!(token.hash(), SessionToken::generate(&HostRandom).unwrap().hash());
    }

    #[test]
    fn anything_else_in_the_cookie_is_no_token() {
        for text in ["", "abc", &"g".repeat(64), &"A".repeat(64), &"a".repeat(63), "é"] {
            assert!(SessionToken::parse(text).is_none(), "{text:?}");
        }
    }
}
