//! Takes fields from JSON of any shape: what is not there, or of another kind, is empty.

use serde_json::{Map, Value};

/// A string; a number or flag counts as it is written.
pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).map(as_text).unwrap_or_default()
}

pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

pub(super) fn flag(value: &Value, key: &str) -> bool {
    match value.get(key) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        _ => false,
    }
}

/// A number, also when written as a string.
pub(super) fn number(value: &Value, key: &str) -> Option<f64> {
    as_number(value.get(key)?)
}

pub(super) fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

/// A whole number; fractions are cut off.
pub(super) fn integer(value: &Value, key: &str) -> Option<i64> {
    number(value, key).map(|n| n as i64)
}

pub(super) fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The list inside an object: `templating.list`.
pub(super) fn items<'a>(value: &'a Value, key: &str, list: &str) -> &'a [Value] {
    array(object(value, key), list)
}

/// The strings of a list.
pub(super) fn texts(value: &Value, key: &str) -> Vec<String> {
    array(value, key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An object, or an empty one.
pub(super) fn object<'a>(value: &'a Value, key: &str) -> &'a Value {
    static EMPTY: Value = Value::Null;
    value.get(key).filter(|inner| inner.is_object()).unwrap_or(&EMPTY)
}

/// A copy of an object's fields.
pub(super) fn map(value: &Value, key: &str) -> Map<String, Value> {
    value.get(key).and_then(Value::as_object).cloned().unwrap_or_default()
}
