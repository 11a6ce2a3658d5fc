//! PATCH: a JSON merge patch (RFC 7386) or a JSON patch (RFC 6902) laid over an object as its
//! reader sees it. The result is saved as by PUT.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use json_patch::{Patch, PatchOperation};
use serde_json::Value;

use super::{Kind, Refusal};

/// Operations of one patch; Kubernetes' limit is of the same kind.
const OPERATIONS_MAX: usize = 1_000;

/// Levels of a value and of the place it is put at, together: what is deeper could not be read back,
/// and a few thousand moves into one another would be too deep for any stack.
const LEVELS_MAX: usize = 120;

/// How often a patch that names no version is laid over a newer one before it is a conflict.
const ATTEMPTS_MAX: usize = 5;

/// The reason of a refusal that says that somebody else saved while a patch was laid over.
const STALE: &str = "Stale";

/// Lays a patch over an object and saves it, with `once`, as often as it takes.
pub(super) async fn retried<F>(
    kind: Kind,
    name: &str,
    once: impl Fn() -> F,
) -> Result<Response, Refusal>
where
    F: Future<Output = Result<Response, Refusal>>,
{
    for _ in 0..ATTEMPTS_MAX {
        match once().await {
            Err(refusal) if refusal.reason == STALE => {}
            done => return done,
        }
    }
    Err(kind.conflict(name))
}

/// Makes a conflict one that is tried again.
pub(super) fn stale(refusal: Refusal) -> Refusal {
    let reason = if refusal.reason == "Conflict" { STALE } else { refusal.reason };
    Refusal { reason, ..refusal }
}

/// Lays a patch over an object. Errors: 415 for another content type, 400 for what is no patch, 422
/// for one that does not fit the object or nests too deep, 413 for one that copies and
/// moves more than `bytes_max` bytes. Whether the result is too long, `text` says.
pub(super) fn apply(
    kind: Kind,
    (headers, body): (&HeaderMap, &[u8]),
    object: &mut Value,
    (name, bytes_max): (&str, usize),
) -> Result<(), Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    match content_type.trim() {
        "application/merge-patch+json" => {
            let patch: Value = serde_json::from_slice(body)
                .map_err(|error| Refusal::bad_request(format!("the patch is no JSON: {error}")))?;
            if !patch.is_object() {
                return Err(Refusal::bad_request("a merge patch of an object is an object"));
            }
            json_patch::merge(object, &patch);
        }
        "application/json-patch+json" => steps(kind, body, object, (name, bytes_max))?,
        _ => {
            let text = "the body of the request was in an unknown format - accepted media types \
                        include: application/json-patch+json, application/merge-patch+json";
            let code = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Refusal::new(code, "UnsupportedMediaType", text));
        }
    }
    if !object.is_object() {
        return Err(kind.invalid(name, "the patch leaves no object"));
    }
    Ok(())
}

/// The text of a patched object. Errors: 413 when it is longer than `bytes_max`.
pub(super) fn text(object: &Value, bytes_max: usize) -> Result<String, Refusal> {
    let text = object.to_string();
    if text.len() > bytes_max {
        return Err(too_large(format!("the patched object has more than {bytes_max} bytes")));
    }
    Ok(text)
}

fn too_large(text: String) -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", text)
}

/// Levels of a value, itself counted.
fn levels(value: &Value) -> usize {
    let inside = match value {
        Value::Array(items) => items.iter().map(levels).max(),
        Value::Object(fields) => fields.values().map(levels).max(),
        _ => None,
    };
    1 + inside.unwrap_or_default()
}

/// How deep an operation would reach in what it changes.
fn reach(operation: &PatchOperation, object: &Value) -> usize {
    let moved = |from: &json_patch::jsonptr::Pointer| from.resolve(object).map_or(0, levels);
    match operation {
        PatchOperation::Add(add) => add.path.count() + levels(&add.value),
        PatchOperation::Replace(replace) => replace.path.count() + levels(&replace.value),
        PatchOperation::Move(one) => one.path.count() + moved(&one.from),
        PatchOperation::Copy(copy) => copy.path.count() + moved(&copy.from),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => 0,
    }
}

fn steps(
    kind: Kind,
    body: &[u8],
    object: &mut Value,
    (name, bytes_max): (&str, usize),
) -> Result<(), Refusal> {
    let Patch(operations) = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request(format!("the body is no JSON patch: {error}")))?;
    if operations.len() > OPERATIONS_MAX {
        let text =
            format!("the patch has {} operations, the limit is {OPERATIONS_MAX}", operations.len());
        return Err(too_large(text));
    }
    let mut copied = 0_usize;
    for operation in operations {
        if reach(&operation, object) > LEVELS_MAX {
            let text = format!("the patch nests deeper than {LEVELS_MAX} levels");
            return Err(kind.invalid(name, &text));
        }
        // Copies of copies double: without this a small patch makes a very large object. What is
        // moved to and fro is walked each time.
        let from = match &operation {
            PatchOperation::Copy(copy) => Some(&copy.from),
            PatchOperation::Move(one) => Some(&one.from),
            _ => None,
        };
        if let Some(Ok(value)) = from.map(|from| from.resolve(object)) {
            copied = copied.saturating_add(value.to_string().len());
            if copied > bytes_max {
                return Err(too_large(format!(
                    "the patch copies and moves more than {bytes_max} bytes"
                )));
            }
        }
        json_patch::patch(object, &[operation])
            .map_err(|error| kind.invalid(name, &error.to_string()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header};
    use serde_json::{Value, json};

    use super::{LEVELS_MAX, apply, levels, text};
    use crate::portal::resources::DASHBOARDS;

    fn patched(content_type: &str, patch: &Value) -> Result<Value, (u16, String)> {
        within(1 << 20, content_type, patch)
    }

    fn within(bytes_max: usize, content_type: &str, patch: &Value) -> Result<Value, (u16, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        let mut object = json!({ "spec": { "title": "T", "tags": ["a"] }, "n": 1 });
        let body = patch.to_string();
        apply(DASHBOARDS, (&headers, body.as_bytes()), &mut object, ("x", bytes_max))
            .map(|()| object)
            .map_err(|refusal| (refusal.code.as_u16(), refusal.message))
    }

    #[test]
    fn both_kinds_of_patches_change_what_they_name() {
        let merge = |patch: &Value| patched("application/merge-patch+json", patch);
        let want = json!({ "spec": { "title": "U", "tags": ["a"] } });
        assert_eq!(merge(&json!({ "spec": { "title": "U" }, "n": null })), Ok(want));
        let steps = |patch: &Value| patched("application/json-patch+json; charset=utf-8", patch);
        let want = json!({ "spec": { "title": "T", "tags": ["a", "b"] } });
        let patch = json!([
            { "op": "test", "path": "/spec/title", "value": "T" },
            { "op": "add", "path": "/spec/tags/-", "value": "b" },
            { "op": "remove", "path": "/n" },
        ]);
        assert_eq!(steps(&patch), Ok(want));
    }

    #[test]
    fn no_patch_nests_deeper_than_can_be_read() {
        // Each step puts all there is so far a level deeper.
        let mut operations = vec![json!({ "op": "add", "path": "/a", "value": {} })];
        for _ in 0..2 * LEVELS_MAX {
            operations.push(json!({ "op": "add", "path": "/b", "value": {} }));
            operations.push(json!({ "op": "move", "from": "/a", "path": "/b/c" }));
            operations.push(json!({ "op": "move", "from": "/b", "path": "/a" }));
        }
        let patch = |n: usize| patched("application/json-patch+json", &json!(operations[..n]));
        let deepest = (1..operations.len()).rev().find_map(|n| patch(n).ok()).unwrap();
        assert!((LEVELS_MAX - 2..=LEVELS_MAX + 1).contains(&levels(&deepest)));
        assert!(serde_json::from_str::<Value>(&deepest.to_string()).is_ok());
        let (code, message) = patch(operations.len()).unwrap_err();
        assert_eq!((code, message.contains("120 levels")), (422, true), "{message}");
    }

    #[test]
    fn what_a_patch_leaves_has_a_limit() {
        let object = json!({ "a": "bcd" });
        assert_eq!(text(&object, 11).map_err(|refusal| refusal.code), Ok(object.to_string()));
        assert_eq!(text(&object, 10).unwrap_err().code.as_u16(), 413);
    }

    #[test]
    fn what_is_no_patch_or_does_not_fit_is_refused() {
        let merge = |patch: Value| patched("application/merge-patch+json", &patch).unwrap_err().0;
        let steps = |patch: Value| patched("application/json-patch+json", &patch).unwrap_err().0;
        assert_eq!(merge(json!([1])), 400);
        assert_eq!(steps(json!({ "op": "add" })), 400);
        assert_eq!(steps(json!([{ "op": "jump", "path": "/a" }])), 400);
        assert_eq!(steps(json!([{ "op": "test", "path": "/n", "value": 2 }])), 422);
        assert_eq!(steps(json!([{ "op": "remove", "path": "/none" }])), 422);
        assert_eq!(steps(json!([{ "op": "replace", "path": "", "value": 5 }])), 422);
        let few =
            |patch: &Value| within(100, "application/json-patch+json", patch).map_err(|e| e.0);
        let double = json!({ "op": "copy", "from": "/spec", "path": "/spec/more" });
        assert_eq!(few(&json!([double, double, double, double])), Err(413));
        let there = json!({ "op": "move", "from": "/spec", "path": "/else" });
        let back = json!({ "op": "move", "from": "/else", "path": "/spec" });
        assert!(few(&json!([there, back])).is_ok());
        assert_eq!(few(&json!([there, back, there, back])), Err(413));
        let many: Vec<Value> =
            (0..1001).map(|_| json!({ "op": "test", "path": "/n", "value": 1 })).collect();
        assert_eq!(steps(json!(many)), 413);
        for other in ["application/json", "application/strategic-merge-patch+json", ""] {
            assert_eq!(patched(other, &json!({})).unwrap_err().0, 415, "{other}");
        }
    }
}
