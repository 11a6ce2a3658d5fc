//! Where stores and languages meet: what a source of metrics can be asked, under which scope and
//! budget, and the shape of what comes back.
//!
//! **Invariant:** knows no store, no language, no wire format. A store implements
//! [`MetricSource`] and [`MetricSink`]; an engine uses them; neither sees the other.

pub mod admin;
pub mod budget;
pub mod fold;
mod label_policy;
pub mod lanes;
pub mod memory;
pub mod metrics;
pub mod scope;
pub mod spares;
pub mod versions;

pub use admin::{AdminError, HeadStats, MetricAdmin, PartInfo, ReplayProgress};
pub use budget::{Budget, BudgetError, BudgetLimits, Cancel, MemoryPool};
pub use fold::{FoldNeeds, FoldWindow, WindowAggregate};
pub use label_policy::LabelPolicy;
pub use metrics::{
    AppendError, AppendReport, MetricSink, MetricSource, RejectReason, SampleBuffer, SelectHints,
    SelectRequest, Selection, SourceError,
};
pub use scope::{Scope, TenantLimits};
pub use spares::Spares;
pub use versions::{TouchedTimes, Versions};
