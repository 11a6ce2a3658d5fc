//! JSON bodies of requests: read into a type, and described from the same type for OpenAPI; and
//! what else a handler's extractors take.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Query, Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::guard::Visitor;
use super::query_parameters::{Asked, Parameter, Parameters};
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

/// What a handler says about the body and the query that it takes, by the tuple of its extractors.
pub(crate) trait Takes {
    fn body(generator: &mut SchemaGenerator) -> Option<Schema>;

    /// The parameters that it reads of the query; `None` where it looks at the whole address.
    fn query() -> Option<Vec<&'static Parameter>>;
}

/// What one extractor takes.
pub(crate) trait Extracts {
    fn query() -> Option<&'static [Parameter]> {
        Some(&[])
    }

    /// The last extractor alone may take the body.
    fn body(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

impl<T: JsonSchema> Extracts for JsonBody<T> {
    fn body(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }
}

impl<T: Parameters> Extracts for Asked<T> {
    fn query() -> Option<&'static [Parameter]> {
        Some(T::LIST)
    }
}

impl Extracts for Uri {
    fn query() -> Option<&'static [Parameter]> {
        None
    }
}

impl Extracts for Request {
    fn query() -> Option<&'static [Parameter]> {
        None
    }
}

impl<T> Extracts for Query<T> {
    fn query() -> Option<&'static [Parameter]> {
        None
    }
}

impl Extracts for State<PortalState> {}
impl Extracts for Visitor {}
impl Extracts for Method {}
impl Extracts for HeaderMap {}
impl Extracts for Bytes {}
impl Extracts for WebSocketUpgrade {}
impl<T> Extracts for Path<T> {}
impl<T, E> Extracts for Result<T, E> {}

impl Takes for ((),) {
    fn body(_generator: &mut SchemaGenerator) -> Option<Schema> {
        None
    }

    fn query() -> Option<Vec<&'static Parameter>> {
        Some(Vec::new())
    }
}

/// Axum's mark of how the handler takes its arguments comes first.
macro_rules! takes {
    ($($extractor:ident)*) => {
        impl<Mark, $($extractor: Extracts),*> Takes for (Mark, $($extractor,)*) {
            fn body(generator: &mut SchemaGenerator) -> Option<Schema> {
                let bodies: &[fn(&mut SchemaGenerator) -> Option<Schema>] =
                    &[$($extractor::body),*];
                bodies.iter().find_map(|body| body(generator))
            }

            fn query() -> Option<Vec<&'static Parameter>> {
                let mut parameters = Vec::new();
                $(parameters.extend($extractor::query()?);)*
                Some(parameters)
            }
        }
    };
}
takes!(A);
takes!(A B);
takes!(A B C);
takes!(A B C D);
takes!(A B C D E);
takes!(A B C D E F);
