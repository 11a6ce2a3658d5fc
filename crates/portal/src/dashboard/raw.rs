//! JSON as text: fields of an object in their order, values byte for byte, and rewriting that
//! leaves everything else as it stands.

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The fields of an object as they stand in a text. A name may come twice; the last one counts,
/// as everywhere in JSON.
#[derive(Debug)]
pub struct RawObject<'a> {
    text: &'a str,
    fields: Vec<(String, &'a RawValue)>,
}

impl<'a> RawObject<'a> {
    /// Reads one level. Errors: not JSON, or not an object.
    pub fn parse(text: &'a str) -> serde_json::Result<Self> {
        let Fields(fields) = serde_json::from_str(text)?;
        Ok(Self { text, fields })
    }

    /// The whole object.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// A field's value as it stands in the text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.fields.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.get())
    }

    /// A field that is an object.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<RawObject<'a>> {
        self.get(name).filter(|value| value.starts_with('{')).and_then(|v| Self::parse(v).ok())
    }

    /// A field that is a string.
    #[must_use]
    pub fn string(&self, name: &str) -> Option<String> {
        self.get(name).and_then(|value| serde_json::from_str(value).ok())
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.fields.iter().map(|(key, value)| (key.as_str(), value.get()))
    }

    /// The text with the fields set to `values`, which are JSON: replaced where they stand, the
    /// others put at the end. What is equal already stays as it is written.
    #[must_use]
    pub fn with(&self, values: &[(&str, &str)]) -> String {
        let mut out = String::with_capacity(self.text.len() + 64);
        let mut copied = 0;
        for (key, old) in &self.fields {
            let Some((_, new)) = values.iter().find(|(name, _)| name == key) else { continue };
            if is_equal(old.get(), new) {
                continue;
            }
            let at = self.offset(old.get());
            out.push_str(&self.text[copied..at]);
            out.push_str(new);
            copied = at + old.get().len();
        }
        let end = self.text.rfind('}').unwrap_or(self.text.len());
        out.push_str(&self.text[copied..end]);
        let mut is_first = self.fields.is_empty();
        for (name, value) in values.iter().filter(|(name, _)| self.get(name).is_none()) {
            if !is_first {
                // The last value may be followed by a line break before the brace.
                out.truncate(out.trim_end().len());
                out.push(',');
            }
            is_first = false;
            out.push_str(&quoted(name));
            out.push(':');
            out.push_str(value);
        }
        out.push_str(&self.text[end..]);
        out
    }

    /// The text without a field. Its comma goes with it.
    #[must_use]
    pub fn without(&self, name: &str) -> String {
        let mut out = String::with_capacity(self.text.len());
        out.push('{');
        for (key, value) in self.fields.iter().filter(|(key, _)| key != name) {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(&quoted(key));
            out.push(':');
            out.push_str(value.get());
        }
        out.push('}');
        out
    }

    /// Where a value, which borrows from the text, stands in it.
    fn offset(&self, value: &str) -> usize {
        value.as_ptr() as usize - self.text.as_ptr() as usize
    }
}

fn is_equal(old: &str, new: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    old == new || (!old.starts_with(['{', '[']) && value(old) == value(new))
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Rewrites the strings of a JSON text with `change`; names of fields, and strings that it leaves
/// alone, stay byte for byte. The text must be JSON.
#[must_use]
pub(super) fn map_strings(text: &str, change: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut at) = (0, 0);
    while let Some(start) = text[at..].find('"').map(|offset| at + offset) {
        let end = end_of_string(text, start);
        let is_name = text[end..].trim_start().starts_with(':');
        at = end;
        if is_name {
            continue;
        }
        let string: Option<String> = serde_json::from_str(&text[start..end]).ok();
        if let Some(new) = string.and_then(|string| change(&string)) {
            out.push_str(&text[copied..start]);
            out.push_str(&quoted(&new));
            copied = end;
        }
    }
    out.push_str(&text[copied..]);
    out
}

/// The place behind the closing quote of the string that opens at `start`.
fn end_of_string(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// Reads all of a text without keeping any of it: a number that has no value, half of a surrogate
/// pair and what else [`RawObject`] passes over must not come up when it is too late to refuse it.
pub(super) fn check(text: &str) -> serde_json::Result<()> {
    serde_json::from_str(text).map(|Checked| ())
}

struct Checked;

impl<'de> serde::Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Checked;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("any JSON")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Checked, E> {
                Ok(Checked)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Checked, E> {
                Ok(Checked)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Checked, E> {
                Ok(Checked)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Checked, E> {
                Ok(Checked)
            }

            fn visit_str<E>(self, _: &str) -> Result<Checked, E> {
                Ok(Checked)
            }

            fn visit_unit<E>(self) -> Result<Checked, E> {
                Ok(Checked)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Checked, A::Error> {
                while seq.next_element::<Checked>()?.is_some() {}
                Ok(Checked)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Checked, A::Error> {
                while map.next_entry::<Checked, Checked>()?.is_some() {}
                Ok(Checked)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// How deep arrays and objects are nested.
#[must_use]
pub(super) fn depth(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut deepest) = (0, 0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = end_of_string(text, at);
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    deepest
}

struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{RawObject, depth, map_strings};

    #[test]
    fn fields_are_replaced_where_they_stand() {
        let check = |text: &str, values: &[(&str, &str)], want: &str| {
            assert_eq!(RawObject::parse(text).unwrap().with(values), want, "{text}");
        };
        let text = "{\n  \"id\": null, \"title\" : \"T\",\n  \"n\": 1.10\n}\n";
        check(text, &[], text);
        check(text, &[("id", "5")], "{\n  \"id\": 5, \"title\" : \"T\",\n  \"n\": 1.10\n}\n");
        check(text, &[("n", "1.1"), ("title", "\"T\"")], text);
        check(
            text,
            &[("uid", "\"u\"")],
            "{\n  \"id\": null, \"title\" : \"T\",\n  \"n\": 1.10,\"uid\":\"u\"}\n",
        );
        check("{}", &[("a", "1"), ("b", "2")], "{\"a\":1,\"b\":2}");
        check("{\"a\":1,\"a\":2}", &[("a", "3")], "{\"a\":3,\"a\":3}");
        assert_eq!(RawObject::parse(text).unwrap().without("title"), "{\"id\":null,\"n\":1.10}");
        assert!(RawObject::parse("[]").is_err());
    }

    #[test]
    fn strings_are_changed_and_names_are_not() {
        let text = r#"{ "${A}": "${A}", "b": ["x \" ${A}", 1.0, "\u00e9"] }"#;
        let mut change = |text: &str| text.contains("${A}").then(|| text.replace("${A}", "\"v\""));
        assert_eq!(
            map_strings(text, &mut change),
            r#"{ "${A}": "\"v\"", "b": ["x \" \"v\"", 1.0, "\u00e9"] }"#
        );
    }

    #[test]
    fn depth_is_counted_outside_strings() {
        let check = |text: &str, want: usize| assert_eq!(depth(text), want, "{text}");
        check("1", 0);
        check(r#"{"a":[[],{}],"b":"[[[[\"["}"#, 3);
        check(&"[".repeat(1_000_000), 1_000_000);
        check("]]]", 0);
    }

    proptest! {
        #[test]
        fn setting_fields_keeps_the_others(
            fields in prop::collection::btree_map("[a-d\"\\\\é]{1,3}", "[a-z\"\\\\{}:,]{0,5}", 0..6),
            set in "[a-d]{1,2}",
        ) {
            let object = Value::from(fields.into_iter().map(|(k, v)| (k, Value::from(v))).collect::<serde_json::Map<_, _>>());
            for text in [object.to_string(), serde_json::to_string_pretty(&object).unwrap()] {
                let with = RawObject::parse(&text).unwrap().with(&[(&set, "7")]);
                let mut want = object.clone();
                want[&set] = Value::from(7);
                prop_assert_eq!(serde_json::from_str::<Value>(&with).unwrap(), want);
                let without = RawObject::parse(&with).unwrap().without(&set);
                let mut want = object.clone();
                want.as_object_mut().unwrap().remove(&set);
                prop_assert_eq!(serde_json::from_str::<Value>(&without).unwrap(), want);
                prop_assert_eq!(map_strings(&text, &mut |_| None), text);
            }
        }
    }
}
