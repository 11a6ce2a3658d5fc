//! A made-up company as metrics, to look at every bundled dashboard without a company.
//!
//! The company is data: services with a load that follows the day and the week, incidents that
//! come round, and series that are sums over both ([`World`]). Every sample is a pure function of
//! the seed and the time, counters included, because the load has an integral in closed form. So
//! a week that is written at once is the week that would have been collected, and a start in the
//! middle needs no state. [`run`] writes it through an ordinary remote-write receiver.

mod curve;
mod driver;
mod histogram;
mod incident;
mod run;
mod send;
mod world;
mod worlds;
mod write_request;

pub use run::{Plan, PlanError, Progress, run};
pub use send::{Credentials, SendError, Target, TargetError};
pub use world::{Kind, Moment, Series, World};
