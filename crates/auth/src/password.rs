//! Passwords: argon2id with named cost, verified in constant time, wiped after use.

use std::fmt;
use std::io;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, CustomizedPasswordHasher, Params, PasswordVerifier, Version};
use platform::Random;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// Longest password taken, bytes: a bound on the work a stranger can ask for.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// A password on its way to being checked; wiped from memory when dropped and never printed.
pub struct Password(Zeroizing<String>);

impl Password {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether this may become somebody's password. `login` may not be its own password, but for
    /// that there is no policy on characters: length is what protects.
    pub fn check_strength(&self, login: &str, length_min: usize) -> Result<(), WeakPassword> {
        let length = self.0.chars().count();
        match () {
            () if length < length_min => Err(WeakPassword::Short { min: length_min }),
            () if self.0.len() > PASSWORD_BYTES_MAX => Err(WeakPassword::Long),
            () if self.0.eq_ignore_ascii_case(login) => Err(WeakPassword::Login),
            () => Ok(()),
        }
    }

    /// True when both hold the same text, in constant time.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        crate::equal(self.bytes(), other.bytes())
    }

    /// SHA-256 over key, login and password, for a cache inside one process: never store it, a
    /// fast digest of a password can be guessed at by whoever has the key.
    #[must_use]
    pub fn keyed_digest(&self, key: &[u8; 32], login: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(key);
        digest.update((login.len() as u64).to_le_bytes());
        digest.update(login.as_bytes());
        digest.update(self.bytes());
        digest.finalize().into()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password that may not be set. The first message is Grafana's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("New password is too short")]
    Short { min: usize },
    #[error("New password is longer than {PASSWORD_BYTES_MAX} bytes")]
    Long,
    #[error("New password must differ from the user name")]
    Login,
}

/// The cost of one hash. Source of the defaults: OWASP Password Storage Cheat Sheet, argon2id
/// (19 MiB, 2 passes, 1 lane).
#[derive(Clone, Copy, Debug)]
pub struct PasswordParams {
    /// `auth.argon2_memory_kib`
    pub memory_kib: u32,
    /// `auth.argon2_passes`
    pub passes: u32,
    /// `auth.argon2_lanes`
    pub lanes: u32,
}

impl Default for PasswordParams {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("password hashing cannot work with memory {} KiB, {} passes, {} lanes", .0.memory_kib, .0.passes, .0.lanes)]
    Params(PasswordParams),
    #[error("the system gave no randomness for a salt")]
    Random(#[source] io::Error),
    #[error("password cannot be hashed")]
    Hash,
}

/// Hashes and verifies. Cost: `memory_kib` of memory and tens of milliseconds of one core per
/// call; call it off the async threads.
#[derive(Clone)]
pub struct PasswordHasher {
    params: Params,
    /// A hash that no password meets, of the same cost as a real one.
    decoy: String,
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher").field("params", &self.params).finish_non_exhaustive()
    }
}

impl PasswordHasher {
    /// Cost: none to speak of; the decoy needs no hashing, for nobody has to know its password.
    pub fn new(params: PasswordParams, random: &dyn Random) -> Result<Self, HashError> {
        let valid = Params::new(params.memory_kib, params.passes, params.lanes, None)
            .map_err(|_| HashError::Params(params))?;
        let mut bytes = [0; SALT_BYTES + OUTPUT_BYTES];
        random.fill(&mut bytes).map_err(HashError::Random)?;
        let (salt, output) = bytes.split_at(SALT_BYTES);
        let decoy = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&valid).map_err(|_| HashError::Hash)?,
            salt: Some(Salt::new(salt).map_err(|_| HashError::Hash)?),
            hash: Some(Output::new(output).map_err(|_| HashError::Hash)?),
        };
        Ok(Self { params: valid, decoy: decoy.to_string() })
    }

    /// The PHC string to store: algorithm, cost, salt and digest in one.
    pub fn hash(&self, password: &Password, random: &dyn Random) -> Result<String, HashError> {
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt).map_err(HashError::Random)?;
        let hash: PasswordHash = Argon2::default()
            .hash_password_customized(
                password.bytes(),
                &salt,
                Some(Algorithm::Argon2id.as_str()),
                Some(Version::V0x13.into()),
                self.params.clone(),
            )
            .map_err(|_| HashError::Hash)?;
        Ok(hash.to_string())
    }

    /// Whether the password meets the stored hash. With no stored hash (an unknown user) the same
    /// work is done against the decoy, so that the time taken does not tell which names exist.
    #[must_use]
    pub fn verify(&self, password: &Password, stored: Option<&str>) -> bool {
        if password.bytes().len() > PASSWORD_BYTES_MAX {
            return false;
        }
        let parsed = PasswordHash::new(stored.unwrap_or(&self.decoy));
        let met = parsed
            .is_ok_and(|hash| Argon2::default().verify_password(password.bytes(), &hash).is_ok());
        met && stored.is_some()
    }
}

#[cfg(test)]
mod tests {
    use platform::HostRandom;

    use super::{Password, PasswordHasher, PasswordParams, WeakPassword};

    fn cheap() -> PasswordHasher {
        let params = PasswordParams { memory_kib: 64, passes: 1, lanes: 1 };
        PasswordHasher::new(params, &HostRandom).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn only_the_right_password_meets_its_hash() {
        let hasher = cheap();
        let stored = hasher.hash(&password("correct horse"), &HostRandom).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        assert!(hasher.verify(&password("correct horse"), Some(&stored)));
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&stored), cost(&hasher.decoy), "the decoy costs what a real hash costs");
        assert_eq!(stored.len(), hasher.decoy.len());
        assert!(!hasher.verify(&password("correct horsf"), Some(&stored)));
        assert!(!hasher.verify(&password(""), Some(&stored)));
        assert!(!hasher.verify(&password("correct horse"), None));
        assert!(!hasher.verify(&password("correct horse"), Some("not a hash")));
        assert!(!hasher.verify(&password(&"x".repeat(2000)), Some(&stored)));
        let again = hasher.hash(&password("correct horse"), &HostRandom).unwrap();
        assert_ne!(stored, again, "each hash has its own salt");
    }

    #[test]
    fn a_hash_outlives_a_change_of_cost() {
        let stored = cheap().hash(&password("kept"), &HostRandom).unwrap();
        let dearer = PasswordParams { memory_kib: 128, passes: 2, lanes: 1 };
        let hasher = PasswordHasher::new(dearer, &HostRandom).unwrap();
        assert!(hasher.verify(&password("kept"), Some(&stored)));
    }

    #[test]
    fn weak_passwords_say_why() {
        let check = |text: &str, want| assert_eq!(password(text).check_strength("admin", 4), want);
        check("abc", Err(WeakPassword::Short { min: 4 }));
        check("Admin", Err(WeakPassword::Login));
        check(&"x".repeat(1025), Err(WeakPassword::Long));
        check("abcd", Ok(()));
    }

    #[test]
    fn impossible_costs_are_refused() {
        let none = PasswordParams { memory_kib: 0, passes: 0, lanes: 0 };
        assert!(PasswordHasher::new(none, &HostRandom).is_err());
    }
}
