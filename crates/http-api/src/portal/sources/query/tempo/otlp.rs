//! OTLP as JSON, as Tempo writes it: ids in base64 or hex, enumerations as words or numbers, whole
//! numbers as texts.

use base64::Engine as _;
use serde_json::{Map, Value, json};

/// The items of a list; none where there is no list.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number, as one or as a text; 0 without.
pub(super) fn whole(value: &Value, name: &str) -> i64 {
    match value.get(name) {
        Some(Value::Number(number)) => {
            number.as_i64().or_else(|| number.as_f64().map(|n| n as i64)).unwrap_or_default()
        }
        Some(Value::String(text)) => text.parse().unwrap_or_default(),
        _ => 0,
    }
}

/// An id as hex digits. `bytes`: its length, which tells hex from base64.
pub(super) fn id(value: &Value, name: &str, bytes: usize) -> String {
    let written = text(value, name);
    let hex = written.len() == 2 * bytes && written.bytes().all(|b| b.is_ascii_hexdigit());
    if hex || written.is_empty() {
        return written.to_ascii_lowercase();
    }
    match base64::engine::general_purpose::STANDARD.decode(written) {
        Ok(raw) => raw.iter().fold(String::with_capacity(2 * raw.len()), |mut out, byte| {
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
            }
            out
        }),
        Err(_) => written.to_owned(),
    }
}

/// `[{"key":…,"value":…}]` of a list of attributes, as panels take them.
pub(super) fn attributes(value: &Value) -> Vec<Value> {
    let pairs = list(value, "attributes");
    pairs.map(|pair| json!({ "key": text(pair, "key"), "value": plain(&pair["value"]) })).collect()
}

/// An attribute's value without its type.
pub(super) fn plain(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|fields| fields.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "intValue" => Value::from(whole(value, "intValue")),
        "arrayValue" => {
            let items: Vec<Value> = list(inner, "values").map(plain).collect();
            Value::from(Value::from(items).to_string())
        }
        "kvlistValue" => {
            let fields: Map<String, Value> = list(inner, "values")
                .map(|pair| (text(pair, "key").to_owned(), plain(&pair["value"])))
                .collect();
            Value::from(Value::from(fields).to_string())
        }
        _ => inner.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{id, plain, whole};

    #[test]
    fn ids_are_hex() {
        let check = |written: &str, bytes, want: &str| {
            assert_eq!(id(&json!({ "x": written }), "x", bytes), want);
        };
        check(
            "AAAAAAAAAAAkAnnJpgw5wA==",
            16,
            "00000000000000002402 79c9a60c39c0".replace(' ', "").as_str(),
        );
        check("0102030405060708", 8, "0102030405060708");
        check("AQIDBAUGBwg=", 8, "0102030405060708");
        check("ABCDEF0102030405060708090A0B0C0D", 16, "abcdef0102030405060708090a0b0c0d");
        check("", 8, "");
        check("%", 8, "%");
    }

    #[test]
    fn values_lose_their_types() {
        for (value, want) in [
            (json!({ "stringValue": "a" }), json!("a")),
            (json!({ "intValue": "5" }), json!(5)),
            (json!({ "intValue": 5 }), json!(5)),
            (json!({ "boolValue": true }), json!(true)),
            (json!({ "doubleValue": 1.5 }), json!(1.5)),
            (json!({ "arrayValue": { "values": [{ "intValue": "1" }] } }), json!("[1]")),
            (
                json!({ "kvlistValue": { "values": [{ "key": "k", "value": { "stringValue": "v" } }] } }),
                json!("{\"k\":\"v\"}"),
            ),
            (json!({}), Value::Null),
            (json!(7), Value::Null),
        ] {
            assert_eq!(plain(&value), want, "{value}");
        }
        assert_eq!(whole(&json!({ "x": "no" }), "x"), 0);
    }
}
