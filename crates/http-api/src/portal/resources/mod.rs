//! Grafana's resource API, `/apis/<group>/<version>/namespaces/<namespace>/<plural>[/<name>]`:
//! dashboards and folders with metadata around them, errors as Kubernetes' `Status`.

mod dashboards;
mod discovery;
mod folders;
mod patch;
mod selector;
#[cfg(test)]
mod tests;
mod watch;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portal::dashboard::resource::{self, namespace_of, org_of};
use serde_json::{Value, json};

pub(super) use self::dashboards::{
    create as create_dashboard, delete as delete_dashboard, list as list_dashboards,
    one as one_dashboard, patch as patch_dashboard, update as update_dashboard,
};
pub(super) use self::discovery::{group, groups, version};
pub(super) use self::folders::{
    create as create_folder, delete as delete_folder, list as list_folders, one as one_folder,
    patch as patch_folder, update as update_folder,
};
use super::guard::Visitor;
use super::query_parameters::{Pairs, Parameter, parameters};
use super::reply::{ApiError, json};

parameters! {
    /// Of lists and watches.
    pub(super) Listing:
    Parameter::number("limit", "500", "Objects on a page, up to 500."),
    Parameter::text("continue", "Where the next page begins, as the last one said."),
    Parameter::text("fieldSelector", "Conditions on `metadata.name` and `metadata.namespace`."),
    Parameter::text("labelSelector", "Conditions on labels."),
    Parameter::option("watch", &["true", "false", "1", "0"], "Tell what happens from now on."),
    Parameter::text("resourceVersion", "From when on a watch tells."),
    Parameter::number("timeoutSeconds", "300", "How long a watch goes on, up to 300."),
    Parameter::flag("allowWatchBookmarks", "Tell of the version now and then."),
    Parameter::flag("sendInitialEvents", "Say when all that was there has been told."),
}

parameters! {
    /// Of changes.
    pub(super) Changing:
    Parameter::text("dryRun", "Not supported: a change that names it is refused."),
}

/// A kind of resource, and the versions of its group.
#[derive(Clone, Copy, Debug)]
struct Kind {
    group: &'static str,
    plural: &'static str,
    singular: &'static str,
    versions: &'static [&'static str],
}

const DASHBOARDS: Kind = Kind {
    group: resource::DASHBOARD_GROUP,
    plural: "dashboards",
    singular: "Dashboard",
    versions: &resource::DASHBOARD_VERSIONS,
};

const FOLDERS: Kind = Kind {
    group: resource::FOLDER_GROUP,
    plural: "folders",
    singular: "Folder",
    versions: &resource::FOLDER_VERSIONS,
};

/// A refusal on its way to becoming a `Status`.
#[derive(Debug)]
struct Refusal {
    code: StatusCode,
    reason: &'static str,
    message: String,
}

impl Refusal {
    fn new(code: StatusCode, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into() }
    }

    fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let reason = match error.status {
            StatusCode::UNAUTHORIZED => "Unauthorized",
            StatusCode::FORBIDDEN => "Forbidden",
            StatusCode::NOT_FOUND => "NotFound",
            StatusCode::CONFLICT => "AlreadyExists",
            // A version that is not the newest is a conflict here.
            StatusCode::PRECONDITION_FAILED => {
                return Self::new(StatusCode::CONFLICT, "Conflict", error.message);
            }
            StatusCode::UNPROCESSABLE_ENTITY => "Invalid",
            status if status.is_server_error() => "InternalError",
            _ => "BadRequest",
        };
        Self::new(error.status, reason, error.message)
    }
}

impl Kind {
    /// `dashboards.dashboard.grafana.app "name"`, as Kubernetes words it.
    fn called(self, name: &str) -> String {
        format!("{}.{} {name:?}", self.plural, self.group)
    }

    fn not_found(self, name: &str) -> Refusal {
        let message = format!("{} not found", self.called(name));
        Refusal::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    fn exists(self, name: &str) -> Refusal {
        let message = format!("{} already exists", self.called(name));
        Refusal::new(StatusCode::CONFLICT, "AlreadyExists", message)
    }

    fn conflict(self, name: &str) -> Refusal {
        let message = format!(
            "Operation cannot be fulfilled on {}: the object has been modified; please apply your \
             changes to the latest version and try again",
            self.called(name)
        );
        Refusal::new(StatusCode::CONFLICT, "Conflict", message)
    }

    fn invalid(self, name: &str, what: &str) -> Refusal {
        let message = format!("{} {name:?} is invalid: {what}", self.singular);
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", message)
    }

    /// The answer; a refusal becomes a `Status`.
    fn answer(self, name: &str, result: Result<Response, Refusal>) -> Response {
        result.unwrap_or_else(|refusal| {
            (refusal.code, json(&self.status(name, &refusal))).into_response()
        })
    }

    fn status(self, name: &str, Refusal { code, reason, message }: &Refusal) -> Value {
        resource::failure(code.as_u16(), reason, message, self.group, self.plural, name)
    }

    /// The version and the namespace of an address: one that is known, and the visitor's own.
    fn check(self, visitor: &Visitor, version: &str, namespace: &str) -> Result<(), Refusal> {
        if !self.versions.contains(&version) {
            let message =
                format!("the server could not find the version {version:?} of {}", self.group);
            return Err(Refusal::new(StatusCode::NOT_FOUND, "NotFound", message));
        }
        if org_of(namespace) != Some(visitor.org()) {
            let own = namespace_of(visitor.org());
            let message = format!("the namespace {namespace:?} is not yours, which is {own:?}");
            return Err(Refusal::new(StatusCode::FORBIDDEN, "Forbidden", message));
        }
        Ok(())
    }

    /// The same for a change. One that is only to be tried is refused: it would be made.
    fn check_change(
        self,
        visitor: &Visitor,
        (version, namespace): (&str, &str),
        pairs: &Pairs,
    ) -> Result<(), Refusal> {
        self.check(visitor, version, namespace)?;
        if pairs.first("dryRun").is_empty() {
            return Ok(());
        }
        Err(Refusal::bad_request("dryRun is not supported: nothing was changed"))
    }

    /// Checks that a change may be made at this version and namespace, makes it, and answers;
    /// what is created has no name yet.
    async fn change(
        self,
        (visitor, pairs): (&Visitor, &Pairs),
        place: (&str, &str),
        name: &str,
        work: impl Future<Output = Result<Response, Refusal>>,
    ) -> Response {
        let changed = match self.check_change(visitor, place, pairs) {
            Ok(()) => work.await,
            Err(refusal) => Err(refusal),
        };
        self.answer(name, changed)
    }

    /// What was received: of this kind and group, and called as the address says. A name is made
    /// up from `generateName`; `made_up` are the letters for it.
    fn received(
        self,
        text: &str,
        path_name: Option<&str>,
        made_up: &str,
    ) -> Result<resource::Received, Refusal> {
        let mut received = resource::received(text)
            .map_err(|error| Refusal::bad_request(format!("the body is no resource: {error}")))?;
        if !received.kind.is_empty() && received.kind != self.singular {
            let message = format!("a {} is wanted here, not a {}", self.singular, received.kind);
            return Err(Refusal::bad_request(message));
        }
        let group = received.api_version.split('/').next().unwrap_or_default();
        if !group.is_empty() && group != self.group {
            let message = format!("the group is {}, not {group}", self.group);
            return Err(Refusal::bad_request(message));
        }
        match path_name {
            Some(name) if received.name.is_empty() => name.clone_into(&mut received.name),
            Some(name) if received.name != name => {
                let message = format!(
                    "the name of the object ({}) does not match the name on the URL ({name})",
                    received.name
                );
                return Err(Refusal::bad_request(message));
            }
            None if received.name.is_empty() && received.generate_name.is_empty() => {
                return Err(self.invalid(
                    "",
                    "metadata.name: Required value: name or generateName is required",
                ));
            }
            None if received.name.is_empty() => {
                received.name = format!("{}{made_up}", received.generate_name);
            }
            _ => {}
        }
        Ok(received)
    }

    fn deleted(self, name: &str) -> Value {
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": { "name": name, "group": self.group, "kind": self.plural, "uid": name },
        })
    }
}

/// The version of an object that `metadata.resourceVersion` names.
fn seen_version(received: &resource::Received) -> Result<Option<i64>, Refusal> {
    let number = |text: &String| {
        text.parse().map_err(|_| Refusal::bad_request(format!("bad resourceVersion {text:?}")))
    };
    received.resource_version.as_ref().map(number).transpose()
}

fn utf8(body: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(body).map_err(|_| Refusal::bad_request("the body is not UTF-8"))
}

/// `user:<login>` of whoever it was; empty when nobody is known.
fn author(logins: &std::collections::HashMap<i64, String>, id: i64) -> String {
    logins.get(&id).map(|login| format!("user:{login}")).unwrap_or_default()
}

/// A page of a list: how many, and after how many others.
struct Page {
    limit: usize,
    skip: usize,
}

/// Objects of one page; more are asked for with `continue`.
const PAGE_MAX: usize = 500;

impl Page {
    fn of(pairs: &Pairs) -> Result<Self, Refusal> {
        let limit: usize = pairs.number("limit", PAGE_MAX)?;
        let skip = pairs.first("continue");
        let skip = if skip.is_empty() { Ok(0) } else { skip.parse() };
        let skip = skip.map_err(|_| Refusal::bad_request("bad continue token"))?;
        Ok(Self { limit: if limit == 0 { PAGE_MAX } else { limit.min(PAGE_MAX) }, skip })
    }

    /// The list's own metadata.
    fn metadata(&self, total: usize, resource_version: i64) -> Value {
        let mut metadata = json!({ "resourceVersion": resource_version.to_string() });
        let end = self.skip.saturating_add(self.limit);
        if end < total {
            metadata["continue"] = json!(end.to_string());
            metadata["remainingItemCount"] = json!(total - end);
        }
        metadata
    }
}
