//! Basic credentials verified a moment ago, so that an API client does not pay for argon2 on
//! every request.

use std::collections::HashMap;
use std::time::Duration;

use auth::Password;

/// How long a verified pair is taken on trust.
const TRUST: Duration = Duration::from_mins(1);
const ENTRIES_MAX: usize = 1000;

/// Keyed digests of verified pairs. The key is random and dies with the process, so the digests
/// are worth nothing outside it.
#[derive(Debug)]
pub(crate) struct Remembered {
    key: [u8; 32],
    users: HashMap<[u8; 32], (i64, Duration)>,
}

impl Remembered {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key, users: HashMap::new() }
    }

    /// Cost: one SHA-256.
    pub(crate) fn proof(&self, login: &str, password: &Password) -> [u8; 32] {
        password.keyed_digest(&self.key, login)
    }

    pub(crate) fn user(&self, proof: &[u8; 32], now: Duration) -> Option<i64> {
        let (user, until) = self.users.get(proof)?;
        (now < *until).then_some(*user)
    }

    pub(crate) fn remember(&mut self, proof: [u8; 32], user: i64, now: Duration) {
        if self.users.len() >= ENTRIES_MAX {
            self.users.retain(|_, (_, until)| now < *until);
        }
        if self.users.len() < ENTRIES_MAX {
            self.users.insert(proof, (user, now + TRUST));
        }
    }

    pub(crate) fn forget(&mut self, user: i64) {
        self.users.retain(|_, (owner, _)| *owner != user);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use auth::Password;

    use super::Remembered;

    #[test]
    fn a_pair_is_trusted_for_a_minute_and_forgotten_with_the_password() {
        let mut remembered = Remembered::new([7; 32]);
        let proof = remembered.proof("ada", &Password::new("one".into()));
        let other = remembered.proof("ad", &Password::new("aone".into()));
        assert_ne!(proof, other, "login and password do not run together");
        remembered.remember(proof, 1, Duration::from_secs(10));
        assert_eq!(remembered.user(&proof, Duration::from_secs(69)), Some(1));
        assert_eq!(remembered.user(&proof, Duration::from_secs(70)), None);
        remembered.forget(1);
        assert_eq!(remembered.user(&proof, Duration::from_secs(11)), None);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut remembered = Remembered::new([7; 32]);
        for user in 0..5000 {
            let proof = remembered.proof(&user.to_string(), &Password::new(String::new()));
            remembered.remember(proof, user, Duration::ZERO);
        }
        assert!(remembered.users.len() <= super::ENTRIES_MAX);
    }
}
