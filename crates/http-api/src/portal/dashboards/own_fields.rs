//! A dashboard's JSON with the fields that are the server's, everything else as received.

use portal::tables::DashboardRow;
use serde_json::value::RawValue;

/// Replaces or appends the server's fields; everything else stays byte for byte and in order.
pub(super) fn with_own_fields(body: &str, row: &DashboardRow) -> serde_json::Result<String> {
    let fields: OrderedFields<'_> = serde_json::from_str(body)?;
    let own = [
        ("id", row.id.to_string()),
        ("uid", serde_json::to_string(&row.uid)?),
        ("version", row.version.to_string()),
    ];
    let mut out = String::with_capacity(body.len() + 64);
    let mut push = |key: &str, value: &str| -> serde_json::Result<()> {
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&serde_json::to_string(key)?);
        out.push(':');
        out.push_str(value);
        Ok(())
    };
    for (key, value) in &fields.0 {
        let replaced = own.iter().find(|(name, _)| name == key);
        push(key, replaced.map_or(value.get(), |(_, value)| value))?;
    }
    for (key, value) in own.iter().filter(|(name, _)| !fields.0.iter().any(|(k, _)| k == name)) {
        push(key, value)?;
    }
    out.push('}');
    Ok(out)
}

/// The fields of an object as they stand in the text.
struct OrderedFields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for OrderedFields<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> serde::de::Visitor<'de> for Fields {
            type Value = OrderedFields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
                    fields.push(field);
                }
                Ok(OrderedFields(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
