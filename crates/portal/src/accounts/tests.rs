//! Accounts over real tables and a clock that tests turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use auth::{Password, PasswordParams, Role, SessionToken};
use platform::{Clock, HostRandom};
use tempfile::TempDir;

use super::{AccountError, Accounts, AccountsConfig, NewAccount, Visitor};
use crate::tables::{Tables, TablesConfig};

const HERE: Visitor<'_> = Visitor { address: "10.0.0.1", user_agent: "test" };
const MINUTE: i64 = 60_000;

struct TurnedClock(AtomicI64);

impl Clock for TurnedClock {
    fn unix_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.unix_ms().unsigned_abs())
    }
}

struct Site {
    dir: TempDir,
    clock: Arc<TurnedClock>,
    accounts: Accounts,
}

impl Site {
    fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
    }

    async fn sign_in(&self, password: &str) -> Result<SessionToken, AccountError> {
        let signed_in = self.accounts.sign_in("admin", Password::new(password.into()), HERE).await;
        signed_in.map(|(_, token)| token)
    }

    async fn is_live(&self, token: &SessionToken) -> bool {
        self.accounts.by_token(token.expose(), None).await.unwrap().is_some()
    }
}

async fn open(dir: &TempDir, clock: &Arc<TurnedClock>, password: &str) -> Accounts {
    let tables =
        Tables::open_in(dir.path(), TablesConfig::default(), Arc::new(HostRandom)).await.unwrap();
    let config = AccountsConfig {
        admin_password: password.to_owned(),
        password_params: PasswordParams { memory_kib: 64, passes: 1, lanes: 1 },
        ..AccountsConfig::default()
    };
    Accounts::open(tables, clock.clone(), Arc::new(HostRandom), config).await.unwrap()
}

async fn site() -> Site {
    let dir = TempDir::new().unwrap();
    let clock = Arc::new(TurnedClock(AtomicI64::new(1_700_000_000_000)));
    let accounts = open(&dir, &clock, "admin").await;
    Site { dir, clock, accounts }
}

#[tokio::test]
async fn the_first_administrator_must_change_the_default_password_and_stays() {
    let site = site().await;
    let (admin, token) =
        site.accounts.sign_in("admin", Password::new("admin".into()), HERE).await.unwrap();
    assert!(admin.must_change_password && admin.grafana_admin && admin.role == Role::Admin);
    let (old, new) = (Password::new("admin".into()), Password::new("better".into()));
    site.accounts.change_password(&admin, old, new, 0).await.unwrap();
    assert!(!site.is_live(&token).await, "a new password ends the sessions of the old one");
    // A restart with another configured password changes nothing: it is for the first start only.
    let again = open(&site.dir, &site.clock, "configured").await;
    let refused = again.sign_in("admin", Password::new("configured".into()), HERE).await;
    assert!(matches!(refused, Err(AccountError::Refused)));
    let (admin, _) = again.sign_in("ADMIN", Password::new("better".into()), HERE).await.unwrap();
    assert!(!admin.must_change_password);
}

#[tokio::test]
async fn a_session_changes_its_token_and_ends_when_idle() {
    let site = site().await;
    let first = site.sign_in("admin").await.unwrap();
    site.pass(11 * MINUTE);
    let found = site.accounts.by_token(first.expose(), None).await.unwrap().unwrap();
    let second = found.new_token.expect("ten minutes are over");
    assert!(site.is_live(&second).await);
    assert!(site.is_live(&first).await, "requests under way with the old token are served");
    site.pass(2 * MINUTE);
    assert!(!site.is_live(&first).await, "a minute later the old token is worth nothing");
    assert!(site.is_live(&second).await, "and using it has ended nobody's session");
    site.pass(8 * 24 * 60 * MINUTE);
    assert!(!site.is_live(&second).await, "idle for more than a week");
}

#[tokio::test]
async fn guessing_is_slowed_down_for_five_minutes() {
    let site = site().await;
    for _ in 0..5 {
        assert!(matches!(site.sign_in("guess").await, Err(AccountError::Refused)));
    }
    assert!(site.sign_in("admin").await.is_err(), "the right password comes too late");
    site.pass(5 * MINUTE);
    assert!(site.sign_in("admin").await.is_ok());
}

#[tokio::test]
async fn a_burst_of_guesses_does_not_slip_past_the_throttle() {
    let site = site().await;
    let mut guesses = tokio::task::JoinSet::new();
    for guess in 0..40 {
        let accounts = site.accounts.clone();
        // One of them is right, but far behind the fifth wrong one.
        let password = if guess == 39 { "admin".to_owned() } else { format!("guess {guess}") };
        guesses
            .spawn(async move { accounts.sign_in("admin", Password::new(password), HERE).await });
    }
    assert!(guesses.join_all().await.iter().all(Result::is_err));
}

#[tokio::test]
async fn logins_are_unique_whatever_their_case() {
    let site = site().await;
    let account = NewAccount { login: "Admin", email: "", name: "", org_id: 1, role: Role::Viewer };
    let again = site.accounts.create_user(&account, Password::new("long enough".into()));
    let error = again.await.unwrap_err();
    assert_eq!(error.to_string(), "user login is already taken");
}

#[tokio::test]
async fn a_session_goes_on_while_the_disk_is_full() {
    use sqlx::{Connection as _, Executor as _};

    let site = site().await;
    let token = site.sign_in("admin").await.unwrap();
    let file = format!("sqlite://{}", site.dir.path().join("portal.db").display());
    let mut outside = sqlx::SqliteConnection::connect(&file).await.unwrap();
    let full =
        "CREATE TRIGGER full BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'full'); END";
    outside.execute(full).await.unwrap();
    site.pass(2 * MINUTE);
    assert!(site.is_live(&token).await, "idle for long enough to be noted");
    site.pass(20 * MINUTE);
    let found = site.accounts.by_token(token.expose(), None).await.unwrap().unwrap();
    assert!(found.new_token.is_none(), "due for a new token, which cannot be kept");
    outside.execute("DROP TRIGGER full").await.unwrap();
    let found = site.accounts.by_token(token.expose(), None).await.unwrap().unwrap();
    assert!(found.new_token.is_some());
}
