//! Slows password guessing: counts failed logins and closes the door for a while.

use std::collections::HashMap;

/// Named settings of the throttle. Grafana closes after 5 failures in 5 minutes.
///
/// The low limit is per user *and* address, so that a stranger cannot lock the administrator out
/// from elsewhere; the two wider limits catch one address trying many names and many addresses
/// trying one name.
#[derive(Clone, Copy, Debug)]
pub struct ThrottleLimits {
    /// Failures of one user from one address.
    pub failures_max: u32,
    /// Failures from one address, whatever the user.
    pub failures_per_address_max: u32,
    /// Failures of one user, from anywhere.
    pub failures_per_user_max: u32,
    /// How long a failure counts, milliseconds.
    pub window_ms: i64,
    /// Entries kept; the oldest goes first.
    pub entries_max: usize,
}

impl Default for ThrottleLimits {
    fn default() -> Self {
        Self {
            failures_max: 5,
            failures_per_address_max: 100,
            failures_per_user_max: 100,
            window_ms: 5 * 60 * 1000,
            entries_max: 10_000,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, String),
    Address(String),
    User(String),
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last_ms: i64,
}

/// Failed logins of the last minutes. Names are compared without regard to case, as logins are.
#[derive(Debug)]
pub struct LoginThrottle {
    limits: ThrottleLimits,
    failures: HashMap<Key, Failures>,
}

impl LoginThrottle {
    #[must_use]
    pub fn new(limits: ThrottleLimits) -> Self {
        Self { limits, failures: HashMap::new() }
    }

    /// Whether a login may be tried now. Ask before verifying the password.
    #[must_use]
    pub fn admits(&self, user: &str, address: &str, now_ms: i64) -> bool {
        self.keys(user, address).iter().all(|(key, max)| {
            self.failures.get(key).is_none_or(|f| f.count < *max || self.is_over(f, now_ms))
        })
    }

    /// Counts a failure. Cost: O(1), O(entries) when the table is full.
    pub fn failed(&mut self, user: &str, address: &str, now_ms: i64) {
        for (key, _) in self.keys(user, address) {
            self.make_room(&key, now_ms);
            let fresh = Failures { count: 0, last_ms: now_ms };
            let window_ms = self.limits.window_ms;
            let entry = self.failures.entry(key).or_insert(fresh);
            if now_ms.saturating_sub(entry.last_ms) >= window_ms {
                entry.count = 0;
            }
            entry.count = entry.count.saturating_add(1);
            entry.last_ms = now_ms;
        }
    }

    /// Forgets the failures of a user at an address after a right password.
    pub fn succeeded(&mut self, user: &str, address: &str) {
        let [(pair, _), _, _] = self.keys(user, address);
        self.failures.remove(&pair);
    }

    fn keys(&self, user: &str, address: &str) -> [(Key, u32); 3] {
        // Longer names than any user has would make the table's size a matter of the caller.
        let user: String = user.chars().take(64).flat_map(char::to_lowercase).collect();
        let address = address.to_owned();
        [
            (Key::Pair(user.clone(), address.clone()), self.limits.failures_max),
            (Key::Address(address), self.limits.failures_per_address_max),
            (Key::User(user), self.limits.failures_per_user_max),
        ]
    }

    fn is_over(&self, failures: &Failures, now_ms: i64) -> bool {
        now_ms.saturating_sub(failures.last_ms) >= self.limits.window_ms
    }

    fn make_room(&mut self, key: &Key, now_ms: i64) {
        if self.failures.len() < self.limits.entries_max || self.failures.contains_key(key) {
            return;
        }
        let window_ms = self.limits.window_ms;
        self.failures.retain(|_, f| now_ms.saturating_sub(f.last_ms) < window_ms);
        if self.failures.len() >= self.limits.entries_max {
            let oldest =
                self.failures.iter().min_by_key(|(_, f)| f.last_ms).map(|(k, _)| k.clone());
            if let Some(oldest) = oldest {
                self.failures.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LoginThrottle, ThrottleLimits};

    const WINDOW: i64 = 5 * 60 * 1000;

    #[test]
    fn five_failures_close_the_door_for_five_minutes() {
        let mut throttle = LoginThrottle::new(ThrottleLimits::default());
        for attempt in 0..5 {
            assert!(throttle.admits("admin", "10.0.0.1", attempt));
            throttle.failed("admin", "10.0.0.1", attempt);
        }
        assert!(!throttle.admits("Admin", "10.0.0.1", 10), "names differ in case only");
        assert!(throttle.admits("admin", "10.0.0.2", 10), "another address is not locked out");
        assert!(throttle.admits("other", "10.0.0.1", 10));
        assert!(throttle.admits("admin", "10.0.0.1", WINDOW + 4));
        throttle.failed("admin", "10.0.0.1", WINDOW + 4);
        assert!(throttle.admits("admin", "10.0.0.1", WINDOW + 5), "counting starts anew");
    }

    #[test]
    fn success_forgets_earlier_failures() {
        let mut throttle = LoginThrottle::new(ThrottleLimits::default());
        (0..4).for_each(|at| throttle.failed("admin", "a", at));
        throttle.succeeded("admin", "a");
        throttle.failed("admin", "a", 5);
        assert!(throttle.admits("admin", "a", 6));
    }

    #[test]
    fn many_names_from_one_address_and_many_addresses_for_one_name_are_caught() {
        let limits = ThrottleLimits {
            failures_per_address_max: 10,
            failures_per_user_max: 10,
            ..ThrottleLimits::default()
        };
        let mut throttle = LoginThrottle::new(limits);
        (0..10).for_each(|n| throttle.failed(&format!("user{n}"), "a", n));
        assert!(!throttle.admits("somebody", "a", 11));
        (0..10).for_each(|n| throttle.failed("admin", &format!("b{n}"), n));
        assert!(!throttle.admits("admin", "c", 11));
    }

    #[test]
    fn the_table_is_bounded() {
        let limits = ThrottleLimits { entries_max: 30, ..ThrottleLimits::default() };
        let mut throttle = LoginThrottle::new(limits);
        (0..1000).for_each(|n| throttle.failed(&format!("user{n}"), &format!("a{n}"), n));
        assert!(throttle.failures.len() <= 30);
    }
}
