//! Who is asking and what they may see: passwords, sessions, roles, scopes.
//!
//! Pure decisions without I/O: callers hand in the time, the stored rows and the request's words,
//! and act on the answer. This is the only crate that opens a tenant ([`Authority::scope`]).

mod authority;
mod constant_time;
mod identity;
mod origin;
mod password;
mod session;
mod throttle;
mod token;

pub use authority::{Action, Authority, Component, Denied, Principal, TenantError};
pub use constant_time::equal;
pub use identity::{Identity, Role, UnknownRole, Via};
pub use origin::{CrossOrigin, OriginCheck, check_origin};
pub use password::{
    HashError, PASSWORD_BYTES_MAX, Password, PasswordHasher, PasswordParams, WeakPassword,
};
pub use session::{SessionPolicy, SessionTimes, Standing};
pub use throttle::{LoginThrottle, ThrottleLimits};
pub use token::{ServiceToken, SessionToken, TokenHash};
