//! Query parameters of requests. A handler says by the type of its extractor which it reads, with
//! their types and defaults; OpenAPI is told the same list. Where assertions are on, which they are
//! in every test, reading what is not on the list, or with another default, is a panic.

use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use serde_json::{Value, json};

use super::reply::ApiError;

/// What one parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Text,
    Number,
    /// `true`, or anything else.
    Flag,
    /// May be given several times.
    List,
    /// One of these words.
    Choice(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
    /// As text; empty for none.
    pub(crate) default: &'static str,
    pub(crate) required: bool,
    pub(crate) about: &'static str,
}

impl Parameter {
    const fn new(name: &'static str, holds: Holds, about: &'static str) -> Self {
        Self { name, holds, default: "", required: false, about }
    }

    pub(crate) const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Holds::Text, about)
    }

    /// `default` as it is written.
    pub(crate) const fn number(
        name: &'static str,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self { default, ..Self::new(name, Holds::Number, about) }
    }

    pub(crate) const fn flag(name: &'static str, about: &'static str) -> Self {
        Self { default: "false", ..Self::new(name, Holds::Flag, about) }
    }

    pub(crate) const fn list(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Holds::List, about)
    }

    /// The first word is the default.
    pub(crate) const fn choice(
        name: &'static str,
        words: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self { default: words[0], ..Self::new(name, Holds::Choice(words), about) }
    }

    /// Without a default: nothing chosen.
    pub(crate) const fn option(
        name: &'static str,
        words: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self::new(name, Holds::Choice(words), about)
    }

    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// As OpenAPI has it.
    pub(crate) fn describe(&self) -> Value {
        let mut schema = match self.holds {
            Holds::Text => json!({ "type": "string" }),
            Holds::Number => json!({ "type": "integer" }),
            Holds::Flag => json!({ "type": "boolean" }),
            Holds::List => json!({ "type": "array", "items": { "type": "string" } }),
            Holds::Choice(words) => json!({ "type": "string", "enum": words }),
        };
        if !self.default.is_empty() {
            schema["default"] = match self.holds {
                Holds::Number => self.default.parse::<i64>().unwrap_or_default().into(),
                Holds::Flag => (self.default == "true").into(),
                Holds::Text | Holds::List | Holds::Choice(_) => self.default.into(),
            };
        }
        json!({
            "name": self.name, "in": "query", "required": self.required,
            "description": self.about, "schema": schema,
        })
    }
}

/// The page that lists begin with.
pub(crate) const PAGE: Parameter =
    Parameter::number("page", "1", "Which page of the list, from 1 on.");

/// A list of parameters as a type.
pub(crate) trait Parameters {
    const LIST: &'static [Parameter];
}

/// The pairs of an address' query, in order.
pub(crate) struct Pairs {
    pairs: Vec<(String, String)>,
    /// Those that may be read.
    list: &'static [Parameter],
}

impl Pairs {
    fn of(uri: &Uri, list: &'static [Parameter]) -> Result<Self, ApiError> {
        let pairs = serde_urlencoded::from_str(uri.query().unwrap_or_default());
        let pairs = pairs.map_err(|error| ApiError::bad_request(format!("bad query: {error}")))?;
        Ok(Self { pairs, list })
    }

    fn declared(&self, name: &str) -> Option<&'static Parameter> {
        self.list.iter().find(|parameter| parameter.name == name)
    }

    pub(crate) fn first(&self, name: &str) -> &str {
        debug_assert!(self.declared(name).is_some(), "the parameter {name:?} is not declared");
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a parameter.
    pub(crate) fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        debug_assert!(
            self.declared(name).is_some_and(|parameter| parameter.holds == Holds::List),
            "the list {name:?} is not declared"
        );
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same, and the members of lists that some clients send in one parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.each(name).flat_map(|value| value.split(',')).filter(|value| !value.is_empty())
    }

    /// Errors: 400 when it is there and no number.
    pub(crate) fn number<T: FromStr + Display>(
        &self,
        name: &str,
        default: T,
    ) -> Result<T, ApiError> {
        debug_assert!(
            self.declared(name).is_some_and(|parameter| {
                parameter.holds == Holds::Number && parameter.default == default.to_string()
            }),
            "the number {name:?} with the default {default} is not declared"
        );
        match self.first(name) {
            "" => Ok(default),
            text => {
                text.parse().map_err(|_| ApiError::bad_request(format!("{name} is not a number")))
            }
        }
    }

    /// `limit` and `page` with Grafana's defaults: the size of a page and how much lies before it.
    pub(crate) fn page(&self, size: &str, default: i64) -> Result<(i64, i64), ApiError> {
        self.page_up_to(5000, size, default)
    }

    /// The same where `most` are on a page.
    pub(crate) fn page_up_to(
        &self,
        most: i64,
        size: &str,
        default: i64,
    ) -> Result<(i64, i64), ApiError> {
        let limit = self.number(size, default)?.clamp(1, most);
        let page: i64 = self.number("page", 1)?;
        Ok((limit, page.clamp(1, 1_000_000).saturating_sub(1).saturating_mul(limit)))
    }
}

/// The query of a request to a handler that reads the parameters of `T`. What else stands there is
/// passed over, as by Grafana.
pub(crate) struct Asked<T> {
    pairs: Pairs,
    of: PhantomData<fn() -> T>,
}

impl<T> Deref for Asked<T> {
    type Target = Pairs;

    fn deref(&self) -> &Pairs {
        &self.pairs
    }
}

impl<T: Parameters, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Ok(Self { pairs: Pairs::of(&parts.uri, T::LIST)?, of: PhantomData })
    }
}

/// Writes a list of parameters as a type.
macro_rules! parameters {
    ($(#[$about:meta])* $vis:vis $name:ident: $($parameter:expr),* $(,)?) => {
        $(#[$about])*
        $vis enum $name {}

        impl $crate::portal::query_parameters::Parameters for $name {
            const LIST: &'static [$crate::portal::query_parameters::Parameter] = &[$($parameter),*];
        }
    };
}
pub(crate) use parameters;
