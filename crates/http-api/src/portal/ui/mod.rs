//! The routes of our own UI: a dashboard's view, its queries as a stream, a variable's options.

mod dashboard;
mod query;
mod variable;

pub(crate) use dashboard::{dashboard, seen_by as dashboard_seen_by, unsaved_view};
pub(crate) use query::query;
pub(in crate::portal) use query::{
    Answer, Ask, Times, evaluate, fill_in, legend_name, push_number,
};
pub(crate) use variable::variable;
