//! The queries of each workload, asked of each server alone and compared before they count.

mod answer;
mod ask;
mod compare;
mod list;
mod table;

pub(crate) use answer::Answer;
pub(crate) use ask::{Asked, Repeats, Timing, ask, ask_all};
pub(crate) use compare::exactly;
pub(crate) use list::{Query, Times, queries};
pub(crate) use table::{Results, print};
