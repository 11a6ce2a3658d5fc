//! Tokens of sessions and of service accounts: what browsers and scripts hold, and the digest that
//! is all we keep of it.

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

/// A service account's token: `glsa_`, 32 random letters and digits, `_`, and 8 digits by which a
/// scanner for leaked secrets tells a real one. The form is Grafana's, whose clients look for it.
pub struct ServiceToken(Zeroizing<String>);

impl ServiceToken {
    const PREFIX: &str = "glsa_";
    const RANDOM_LENGTH: usize = 32;

    /// 190 random bits. Errors: the operating system gave no randomness; refuse the request.
    pub fn generate(random: &dyn Random) -> io::Result<Self> {
        const LETTERS: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = Zeroizing::new(String::with_capacity(46));
        text.push_str(Self::PREFIX);
        while text.len() < Self::PREFIX.len() + Self::RANDOM_LENGTH {
            let mut byte = [0_u8; 1];
            random.fill(&mut byte)?;
            // 248 is four times 62: every letter is as likely as the others.
            if byte[0] < 248 {
                text.push(char::from(LETTERS[usize::from(byte[0] % 62)]));
            }
        }
        let check = Self::check_digits(&text);
        text.push('_');
        text.push_str(&check);
        Ok(Self(text))
    }

    /// Reads what a client shows; `None` when it cannot be one of our tokens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (body, check) = text.rsplit_once('_')?;
        let random = body.strip_prefix(Self::PREFIX)?;
        let good = random.len() == Self::RANDOM_LENGTH
            && random.bytes().all(|b| b.is_ascii_alphanumeric())
            && check == Self::check_digits(body);
        good.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    fn check_digits(body: &str) -> String {
        hex(&Sha256::digest(body.as_bytes())[..4])
    }

    /// What is shown once, to whoever made it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(hex(&Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceToken(…)")
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

    use super::{ServiceToken, SessionToken};

    #[test]
    fn a_service_token_is_known_by_its_form_and_check_digits() {
        let token = ServiceToken::generate(&HostRandom).unwrap();
        let text = token.expose().to_owned();
        assert_eq!(ServiceToken::parse(&text).unwrap().hash(), token.hash());
        assert!(!format!("{token:?}").contains(&text[6..12]));
        let flipped = if text.as_bytes()[8] == b'a' { "b" } else { "a" };
        let changed = format!("{}{flipped}{}", &text[..8], &text[9..]);
        for text in [changed.as_str(), &text[..45], "glsa__", "glsa_é_00000000", ""] {
            assert!(ServiceToken::parse(text).is_none(), "{text:?}");
        }
    }

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
