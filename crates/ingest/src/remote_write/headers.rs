//! Which message a request carries, decided by its headers alone.

use super::error::WriteError;
use crate::media_type::{media_type, parameter};

/// The two protobuf messages of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// `prometheus.WriteRequest`
    V1,
    /// `io.prometheus.write.v2.Request`
    V2,
}

/// Headers that are absent mean the first version of the protocol: protobuf, snappy.
pub fn message_of(
    content_type: Option<&str>,
    content_encoding: Option<&str>,
) -> Result<Message, WriteError> {
    let unsupported = |text: String| Err(WriteError::UnsupportedMediaType(text));
    let encoding = content_encoding.unwrap_or_default().trim();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("snappy") {
        return unsupported(format!(
            "{encoding} encoding (compression) is not accepted by this server; only snappy is acceptable"
        ));
    }
    let content_type = content_type.unwrap_or_default().trim();
    if content_type.is_empty() {
        return Ok(Message::V1);
    }
    if media_type(content_type).as_deref() != Some("application/x-protobuf") {
        return unsupported(format!(
            "expected application/x-protobuf as the first (media) part, got {content_type} content-type"
        ));
    }
    match parameter(content_type, "proto").as_deref() {
        None | Some("prometheus.WriteRequest") => Ok(Message::V1),
        Some("io.prometheus.write.v2.Request") => Ok(Message::V2),
        Some(other) => unsupported(format!(
            "{other} is no remote write message; prometheus.WriteRequest and io.prometheus.write.v2.Request are acceptable"
        )),
    }
}
