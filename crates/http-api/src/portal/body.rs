//! JSON bodies of requests: read into a type, and described from the same type for OpenAPI.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Query, Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::guard::Visitor;
use super::reply::{ApiError, parse_json};
use super::state::PortalState;

/// The bytes of a body that holds a `T`. Reading is the handler's business, which may look at
/// rights before.
pub(crate) struct JsonBody<T> {
    bytes: Bytes,
    of: PhantomData<fn() -> T>,
}

impl<T> JsonBody<T> {
    /// A body that this server wrote.
    pub(crate) fn of(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), of: PhantomData }
    }
}

impl<T: DeserializeOwned> JsonBody<T> {
    /// Errors: 400 that says where the JSON breaks.
    pub(crate) fn read(&self) -> Result<T, ApiError> {
        parse_json(&self.bytes)
    }
}

impl<T> Deref for JsonBody<T> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(IntoResponse::into_response)?;
        Ok(Self::of(bytes))
    }
}

/// What a handler says about the body it takes, by the tuple of its extractors.
pub(crate) trait Takes {
    fn body(generator: &mut SchemaGenerator) -> Option<Schema>;
}

/// The same of the last extractor, the only one that may take the body.
pub(crate) trait TakesLast {
    fn body(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

impl<T: JsonSchema> TakesLast for JsonBody<T> {
    fn body(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }
}

impl TakesLast for State<PortalState> {}
impl TakesLast for Visitor {}
impl TakesLast for Uri {}
impl TakesLast for Method {}
impl TakesLast for HeaderMap {}
impl TakesLast for Request {}
impl TakesLast for Bytes {}
impl TakesLast for WebSocketUpgrade {}
impl<T> TakesLast for Path<T> {}
impl<T> TakesLast for Query<T> {}
impl<T, E> TakesLast for Result<T, E> {}

impl Takes for ((),) {
    fn body(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

/// Axum's mark of how the handler takes its arguments comes first.
macro_rules! takes {
    ($($other:ident)*) => {
        impl<Mark, $($other,)* Last: TakesLast> Takes for (Mark, $($other,)* Last) {
            fn body(generator: &mut SchemaGenerator) -> Option<Schema> {
                Last::body(generator)
            }
        }
    };
}
takes!();
takes!(A);
takes!(A B);
takes!(A B C);
takes!(A B C D);
takes!(A B C D E);
