//! Signing in: passwords, sessions and Basic credentials against the tables.

mod identify;
#[cfg(test)]
mod tests;

pub use identify::read_policy;

use std::io;
use std::sync::Arc;

use auth::{
    HashError, Identity, LoginThrottle, Password, PasswordHasher, PasswordParams, Role,
    SessionPolicy, SessionTimes, SessionToken, Standing, ThrottleLimits, Via, WeakPassword,
};
use parking_lot::Mutex;
use platform::{Clock, Random};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::remembered::Remembered;
use crate::tables::{MAIN_ORG_ID, NewSession, NewUser, TableError, Tables, UserRow};

/// Named settings of accounts.
#[derive(Clone, Debug)]
pub struct AccountsConfig {
    /// `portal.admin_user` (`GF_SECURITY_ADMIN_USER`)
    pub admin_user: String,
    /// `portal.admin_password` (`GF_SECURITY_ADMIN_PASSWORD`); only for the first start.
    pub admin_password: String,
    /// Shown in the profile of the first user.
    pub admin_email: String,
    /// `portal.create_admin`: make the first user when there is none.
    pub create_admin: bool,
    /// Characters.
    pub password_length_min: usize,
    pub password_params: PasswordParams,
    /// Argon2 runs at once, each with its `memory_kib`; more wait.
    pub password_checks_max: usize,
    pub sessions: SessionPolicy,
    pub throttle: ThrottleLimits,
    /// `portal.anonymous`: what visitors without credentials may see.
    pub anonymous: Option<Anonymous>,
    /// `portal.new_user_role`: the role in the main organisation of users made by hand.
    pub new_user_role: Role,
}

/// Anonymous access.
#[derive(Clone, Debug)]
pub struct Anonymous {
    /// The organisation that strangers see.
    pub org_name: String,
    pub role: Role,
}

/// Somebody to be created.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    pub login: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub org_id: i64,
    pub role: Role,
}

/// One write a minute is enough to know about idleness measured in days.
const TOUCH_MS: i64 = 60 * 1000;

/// The well-known password of a server that nobody has set up yet.
const DEFAULT_ADMIN_PASSWORD: &str = "admin";

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            admin_user: "admin".to_owned(),
            admin_password: DEFAULT_ADMIN_PASSWORD.to_owned(),
            admin_email: "admin@localhost".to_owned(),
            create_admin: true,
            password_length_min: 4,
            password_params: PasswordParams::default(),
            password_checks_max: 2,
            sessions: SessionPolicy::default(),
            throttle: ThrottleLimits::default(),
            anonymous: None,
            new_user_role: Role::Viewer,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Answer 401. One message for every cause, as Grafana does: a stranger learns nothing.
    #[error("Invalid username or password")]
    Refused,
    /// The same to the visitor; nothing was compared, so nothing needs to be written down.
    #[error("Invalid username or password")]
    Throttled,
    /// Answer 400.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// Answer 401 to a token that is unknown, expired or revoked.
    #[error("Invalid API key")]
    Token,
    /// Answer 500: an organisation's or team's policy cannot be read, so nothing may be shown.
    #[error("the label policy of {of} cannot be read: {reason}")]
    Policy { of: String, reason: String },
    /// Answer 400 to somebody who is already known.
    #[error("Invalid old password")]
    OldPassword,
    /// Answer 500.
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error("the system gave no randomness for a session")]
    Random(#[source] io::Error),
    #[error("the password worker ended early")]
    Worker,
}

/// Where a login comes from.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    pub address: &'a str,
    pub user_agent: &'a str,
}

/// A session that was found good.
#[derive(Debug)]
pub struct Recognised {
    pub identity: Identity,
    pub session_id: i64,
    /// Hand this to the browser: the old token is about to lapse.
    pub new_token: Option<SessionToken>,
}

/// Accounts over the tables; clones share everything.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    tables: Tables,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    hasher: PasswordHasher,
    config: AccountsConfig,
    /// Admits `password_checks_max` argon2 runs: a flood of logins must not fill the memory.
    checks: Semaphore,
    /// Guards the counts of failed logins.
    throttle: Mutex<LoginThrottle>,
    /// Guards Basic credentials verified a moment ago.
    remembered: Mutex<Remembered>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accounts")
    }
}

impl Accounts {
    /// Creates the administrator when there is no user yet.
    /// Cost: one argon2 hash when it does, off the async threads.
    pub async fn open(
        tables: Tables,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        config: AccountsConfig,
    ) -> Result<Self, AccountError> {
        let hasher = PasswordHasher::new(config.password_params, random.as_ref())?;
        let mut key = [0; 32];
        random.fill(&mut key).map_err(AccountError::Random)?;
        let inner = Inner {
            checks: Semaphore::new(config.password_checks_max.max(1)),
            throttle: Mutex::new(LoginThrottle::new(config.throttle)),
            remembered: Mutex::new(Remembered::new(key)),
            tables,
            clock,
            random,
            hasher,
            config,
        };
        let accounts = Self(Arc::new(inner));
        accounts.create_administrator().await?;
        Ok(accounts)
    }

    async fn create_administrator(&self) -> Result<(), AccountError> {
        let config = &self.0.config;
        if !config.create_admin || self.0.tables.count_users().await? > 0 {
            return Ok(());
        }
        let password_hash = self.hash(Password::new(config.admin_password.clone())).await?;
        let admin = NewUser {
            login: &config.admin_user,
            email: &config.admin_email,
            name: "",
            password_hash: &password_hash,
            org_id: MAIN_ORG_ID,
            role: Role::Admin,
            grafana_admin: true,
            must_change_password: config.admin_password == DEFAULT_ADMIN_PASSWORD,
        };
        self.0.tables.insert_user(&admin, self.0.clock.unix_ms()).await?;
        tracing::info!(login = config.admin_user, "created the administrator");
        Ok(())
    }

    /// Creates a user. Errors: [`TableError::Taken`] when the login exists.
    pub async fn create_user(
        &self,
        account: &NewAccount<'_>,
        password: Password,
    ) -> Result<i64, AccountError> {
        password.check_strength(account.login, self.0.config.password_length_min)?;
        let password_hash = self.hash_in_turn(password).await?;
        let user = NewUser {
            login: account.login,
            email: account.email,
            name: account.name,
            password_hash: &password_hash,
            org_id: account.org_id,
            role: account.role,
            grafana_admin: false,
            must_change_password: false,
        };
        Ok(self.0.tables.insert_user(&user, self.0.clock.unix_ms()).await?)
    }

    /// The role of users that are created without one.
    #[must_use]
    pub fn new_user_role(&self) -> Role {
        self.0.config.new_user_role
    }

    /// Whether visitors without credentials are let in.
    #[must_use]
    pub fn anonymous_enabled(&self) -> bool {
        self.0.config.anonymous.is_some()
    }

    /// Sets somebody's password without knowing the old one, and signs them out everywhere.
    pub async fn reset_password(&self, user: i64, new: Password) -> Result<(), AccountError> {
        let tables = &self.0.tables;
        let row = tables.user_by_id(user).await?.ok_or(AccountError::Refused)?;
        new.check_strength(&row.login, self.0.config.password_length_min)?;
        let hash = self.hash_in_turn(new).await?;
        tables.set_password(user, &hash, self.0.clock.unix_ms()).await?;
        self.sign_out_everywhere(user).await
    }

    /// Ends all sessions of a user and forgets their credentials.
    pub async fn sign_out_everywhere(&self, user: i64) -> Result<(), AccountError> {
        self.0.tables.delete_other_sessions(user, 0).await?;
        self.0.remembered.lock().forget(user);
        Ok(())
    }

    async fn hash_in_turn(&self, password: Password) -> Result<String, AccountError> {
        let _turn = self.turn().await?;
        self.hash(password).await
    }

    /// Signs in and opens a session.
    pub async fn sign_in(
        &self,
        login: &str,
        password: Password,
        visitor: Visitor<'_>,
    ) -> Result<(Identity, SessionToken), AccountError> {
        let user = self.prove(login, password, visitor.address).await?;
        let token = SessionToken::generate(self.0.random.as_ref()).map_err(AccountError::Random)?;
        let now_ms = self.0.clock.unix_ms();
        let policy = &self.0.config.sessions;
        let unused_since = now_ms.saturating_sub(policy.idle_ms_max);
        let begun_before = now_ms.saturating_sub(policy.lifetime_ms_max);
        self.0.tables.delete_expired_sessions(unused_since, begun_before).await?;
        let hash = token.hash();
        let session = NewSession {
            user_id: user.id,
            token_hash: hash.as_str(),
            address: visitor.address,
            user_agent: visitor.user_agent,
        };
        self.0.tables.insert_session(&session, now_ms).await?;
        unless_unwritable(self.0.tables.touch_user(user.id, now_ms).await);
        Ok((self.identify(user, Via::Session, None).await?, token))
    }

    /// Recognises Basic credentials. The same pair is verified in full only once a minute.
    pub async fn by_basic(
        &self,
        login: &str,
        password: Password,
        address: &str,
        org: Option<i64>,
    ) -> Result<Identity, AccountError> {
        let now = self.0.clock.monotonic();
        let proof = self.0.remembered.lock().proof(login, &password);
        let known = self.0.remembered.lock().user(&proof, now);
        if let Some(id) = known {
            match self.0.tables.user_by_id(id).await? {
                Some(user) if !user.disabled => return self.identify(user, Via::Basic, org).await,
                _ => return Err(AccountError::Refused),
            }
        }
        let user = self.prove(login, password, address).await?;
        self.0.remembered.lock().remember(proof, user.id, now);
        unless_unwritable(self.0.tables.touch_user(user.id, self.0.clock.unix_ms()).await);
        self.identify(user, Via::Basic, org).await
    }

    /// Recognises a session by its token; `None` when there is no such session (any more).
    pub async fn by_token(
        &self,
        text: &str,
        org: Option<i64>,
    ) -> Result<Option<Recognised>, AccountError> {
        let Some(token) = SessionToken::parse(text) else { return Ok(None) };
        let tables = &self.0.tables;
        let hash = token.hash();
        let Some(session) = tables.session_by_token(hash.as_str()).await? else { return Ok(None) };
        let now_ms = self.0.clock.unix_ms();
        let times = SessionTimes {
            created_ms: session.created_ms,
            seen_ms: session.seen_ms,
            rotated_ms: session.rotated_ms,
            by_previous_token: session.by_previous_token,
        };
        let mut new_token = None;
        match self.0.config.sessions.standing(&times, now_ms) {
            Standing::Expired => {
                tables.delete_session(hash.as_str()).await?;
                return Ok(None);
            }
            Standing::Superseded => return Ok(None),
            Standing::Rotate => {
                let fresh =
                    SessionToken::generate(self.0.random.as_ref()).map_err(AccountError::Random)?;
                let to = fresh.hash();
                let rotated = tables.rotate_session(session.id, hash.as_str(), to.as_str(), now_ms);
                new_token = unless_unwritable(rotated.await).then_some(fresh);
            }
            Standing::Live => {
                if now_ms.saturating_sub(session.seen_ms) > TOUCH_MS {
                    unless_unwritable(tables.touch_session(session.id, now_ms).await);
                    unless_unwritable(tables.touch_user(session.user_id, now_ms).await);
                }
            }
        }
        match tables.user_by_id(session.user_id).await? {
            Some(user) if !user.disabled => Ok(Some(Recognised {
                identity: self.identify(user, Via::Session, org).await?,
                session_id: session.id,
                new_token,
            })),
            _ => Ok(None),
        }
    }

    pub async fn sign_out(&self, token: &str) -> Result<(), AccountError> {
        if let Some(token) = SessionToken::parse(token) {
            self.0.tables.delete_session(token.hash().as_str()).await?;
        }
        Ok(())
    }

    /// Changes a user's password and signs them out everywhere but in `session_id`.
    pub async fn change_password(
        &self,
        user: &Identity,
        old: Password,
        new: Password,
        session_id: i64,
    ) -> Result<(), AccountError> {
        let tables = &self.0.tables;
        let row = tables.user_by_id(user.user_id).await?.ok_or(AccountError::Refused)?;
        let turn = self.turn().await?;
        if !self.verify(old, Some(row.password_hash)).await? {
            return Err(AccountError::OldPassword);
        }
        new.check_strength(&row.login, self.0.config.password_length_min)?;
        let hash = self.hash(new).await?;
        drop(turn);
        tables.set_password(row.id, &hash, self.0.clock.unix_ms()).await?;
        tables.delete_other_sessions(row.id, session_id).await?;
        self.0.remembered.lock().forget(row.id);
        Ok(())
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, AccountError> {
        self.0.checks.acquire().await.map_err(|_| AccountError::Worker)
    }

    /// Verifies login and password under the throttle.
    async fn prove(
        &self,
        login: &str,
        password: Password,
        address: &str,
    ) -> Result<UserRow, AccountError> {
        // The throttle is asked when it is our turn, so that a burst cannot slip in before its
        // own failures are counted.
        let _turn = self.turn().await?;
        let now_ms = self.0.clock.unix_ms();
        if !self.0.throttle.lock().admits(login, address, now_ms) {
            tracing::warn!(login, address, "login refused: too many failures, try again later");
            return Err(AccountError::Throttled);
        }
        let user = self.0.tables.user_by_login(login).await?.filter(|user| !user.disabled);
        let stored = user.as_ref().map(|user| user.password_hash.clone());
        let met = self.verify(password, stored).await?;
        let mut throttle = self.0.throttle.lock();
        match user {
            Some(user) if met => {
                throttle.succeeded(login, address);
                Ok(user)
            }
            _ => {
                throttle.failed(login, address, now_ms);
                tracing::info!(login, address, "login refused");
                Err(AccountError::Refused)
            }
        }
    }

    async fn hash(&self, password: Password) -> Result<String, AccountError> {
        let (hasher, random) = (self.0.hasher.clone(), Arc::clone(&self.0.random));
        Ok(off_thread(move || hasher.hash(&password, random.as_ref())).await??)
    }

    async fn verify(
        &self,
        password: Password,
        stored: Option<String>,
    ) -> Result<bool, AccountError> {
        let hasher = self.0.hasher.clone();
        off_thread(move || hasher.verify(&password, stored.as_deref())).await
    }
}

/// What was written; the default when it could not be: on a full disk the visitor keeps the token
/// they have and goes on reading.
fn unless_unwritable<T: Default>(written: Result<T, TableError>) -> T {
    written.unwrap_or_else(|error| {
        tracing::warn!(%error, cause = ?error, "a session could not be renewed");
        T::default()
    })
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AccountError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| AccountError::Worker)
}
