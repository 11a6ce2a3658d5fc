//! How long a session lives: idle time, whole life, and when its token is replaced.

/// Named settings of sessions. Defaults are Grafana's: 7 days idle, 30 days in all, a new token
/// every 10 minutes.
#[derive(Clone, Copy, Debug)]
pub struct SessionPolicy {
    /// How long a session may be idle, milliseconds.
    pub idle_ms_max: i64,
    /// `portal.session_lifetime`, milliseconds.
    pub lifetime_ms_max: i64,
    /// Age at which a token is replaced, milliseconds.
    pub rotate_after_ms: i64,
    /// How long the token before the present one is still taken, milliseconds: requests that were
    /// under way when the token changed must not be thrown out.
    pub previous_token_ms: i64,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        const MINUTE: i64 = 60 * 1000;
        const DAY: i64 = 24 * 60 * MINUTE;
        Self {
            idle_ms_max: 7 * DAY,
            lifetime_ms_max: 30 * DAY,
            rotate_after_ms: 10 * MINUTE,
            previous_token_ms: MINUTE,
        }
    }
}

/// The stored times of one session, Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct SessionTimes {
    pub created_ms: i64,
    pub seen_ms: i64,
    pub rotated_ms: i64,
    /// The request carried the token before the present one.
    pub by_previous_token: bool,
}

/// What to do with a request that carries a session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Serve it.
    Live,
    /// Serve it and hand out a new token.
    Rotate,
    /// Refuse it and forget the session.
    Expired,
    /// Refuse it, but leave the session to whoever holds the newer token.
    Superseded,
}

impl SessionPolicy {
    #[must_use]
    pub fn standing(&self, times: &SessionTimes, now_ms: i64) -> Standing {
        let idle = now_ms.saturating_sub(times.seen_ms) > self.idle_ms_max;
        let aged = now_ms.saturating_sub(times.created_ms) > self.lifetime_ms_max;
        let since_rotation = now_ms.saturating_sub(times.rotated_ms);
        match times.by_previous_token {
            _ if idle || aged => Standing::Expired,
            true if since_rotation > self.previous_token_ms => Standing::Superseded,
            false if since_rotation > self.rotate_after_ms => Standing::Rotate,
            _ => Standing::Live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SessionPolicy, SessionTimes, Standing};

    #[test]
    fn a_session_lives_rotates_and_ends() {
        let policy = SessionPolicy {
            idle_ms_max: 1000,
            lifetime_ms_max: 5000,
            rotate_after_ms: 100,
            previous_token_ms: 10,
        };
        let check = |created_ms, seen_ms, rotated_ms, by_previous_token, want| {
            let times = SessionTimes { created_ms, seen_ms, rotated_ms, by_previous_token };
            assert_eq!(policy.standing(&times, 10_000), want, "{times:?}");
        };
        check(9_950, 9_990, 9_950, false, Standing::Live);
        check(9_000, 9_990, 9_000, false, Standing::Rotate);
        check(9_000, 9_990, 9_995, true, Standing::Live);
        check(9_000, 9_990, 9_980, true, Standing::Superseded);
        check(8_000, 8_900, 8_000, false, Standing::Expired);
        check(4_000, 9_999, 9_999, false, Standing::Expired);
        // A wall clock that jumped back ends nobody's session.
        check(20_000, 20_000, 20_000, false, Standing::Live);
    }
}
