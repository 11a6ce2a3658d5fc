//! Dashboards as documents: unwrapping what was received, and the normalised view of it.

mod diff;
mod envelope;
mod import;
mod raw;
pub mod resource;
mod sources;
mod validate;
mod view;

pub use diff::{Change, ChangeKind, PanelChange, Summary, basic_html, diff, json_html, summary};
pub use envelope::{
    DASHBOARD_BYTES_MAX, DASHBOARD_DEPTH_MAX, DashboardFormat, Envelope, EnvelopeError,
    FOLDER_ANNOTATION, slug,
};
pub use import::{DashboardInput, GivenInput, ImportError, fill_inputs, inputs};
pub use raw::RawObject;
pub use sources::{DsRef, KnownSource, KnownSources};
pub use validate::{VALIDATED_FROM, shape_failures};
pub use view::{
    FieldConfig, GridPos, LibraryPanels, Panel, Target, TimeSpan, Variable, VariableOption, View,
    library_panel_uids, view, view_with_library,
};
