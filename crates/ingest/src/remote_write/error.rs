//! Why a whole request is refused; single bad series are counted in the batch instead.

/// One variant per status the sender gets. None of them is worth sending the same bytes again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// 415
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// 413
    #[error("{what} of the write request is {found}, limit is {limit} (raise {setting})")]
    TooLarge { what: &'static str, found: usize, limit: usize, setting: &'static str },
    /// 400: not a snappy block
    #[error("cannot decompress the write request: {0}")]
    Snappy(String),
    /// 400: not the protobuf message that the headers announce
    #[error("cannot decode the write request: {what} at byte {offset} of the message")]
    Protobuf { offset: usize, what: &'static str },
}

impl WriteError {
    /// The HTTP status that answers it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::UnsupportedMediaType(_) => 415,
            Self::TooLarge { .. } => 413,
            Self::Snappy(_) | Self::Protobuf { .. } => 400,
        }
    }
}
