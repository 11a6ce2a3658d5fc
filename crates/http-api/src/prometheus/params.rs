//! Parameters of the Prometheus API, from the query string and from a form body alike.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{Method, header};
use model::{Matcher, TimeRange};
use promql_syntax::ParseOptions;

use super::wire::ApiError;

/// All parameters of a request in order of appearance, body first as in the reference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.starts_with("application/x-www-form-urlencoded"));
        let mut pairs = Vec::new();
        if request.method() == Method::POST && is_form {
            let body = Bytes::from_request(request, state).await.map_err(|rejection| {
                ApiError::bad_data(format!("error parsing form values: {}", rejection.body_text()))
            })?;
            pairs = parse_form(&body)?;
        }
        pairs.extend(parse_form(query.as_bytes())?);
        Ok(Self(pairs))
    }
}

fn parse_form(text: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    serde_urlencoded::from_bytes(text)
        .map_err(|e| ApiError::bad_data(format!("error parsing form values: {e}")))
}

const END_BEFORE_START: &str = "end timestamp must not be before start timestamp";

impl Params {
    /// First value of the name, `""` when absent: the API treats both alike.
    pub(crate) fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn time(&self, name: &str, default_ms: i64) -> Result<i64, ApiError> {
        match self.first(name) {
            "" => Ok(default_ms),
            text => parse_time(text).ok_or_else(|| {
                let reason = format!(
                    "invalid time value for '{name}': cannot parse {text:?} to a valid timestamp"
                );
                ApiError::invalid_parameter(name, &reason)
            }),
        }
    }

    pub(crate) fn required_time(&self, name: &str) -> Result<i64, ApiError> {
        let text = self.first(name);
        parse_time(text).ok_or_else(|| {
            let reason = format!("cannot parse {text:?} to a valid timestamp");
            ApiError::invalid_parameter(name, &reason)
        })
    }

    pub(crate) fn required_duration_ms(&self, name: &str) -> Result<i64, ApiError> {
        let missing = || ApiError::invalid_parameter(name, "cannot parse \"\" to a valid duration");
        self.duration_ms(name)?.ok_or_else(missing)
    }

    /// `lookback_delta`; 0 stands for the server's own.
    pub(crate) fn lookback_ms(&self) -> Result<Option<i64>, ApiError> {
        let text = self.first("lookback_delta");
        match parse_duration_ms(text) {
            _ if text.is_empty() => Ok(None),
            Some(ms) => Ok(Some(ms).filter(|ms| *ms > 0)),
            None => Err(ApiError::bad_data(format!(
                "error parsing lookback delta duration: {}",
                no_duration(text)
            ))),
        }
    }

    /// A duration in milliseconds; `None` when absent.
    pub(crate) fn duration_ms(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.first(name) {
            "" => Ok(None),
            text => parse_duration_ms(text)
                .map(Some)
                .ok_or_else(|| ApiError::invalid_parameter(name, &no_duration(text))),
        }
    }

    pub(crate) fn limit(&self) -> Result<usize, ApiError> {
        match self.first("limit") {
            "" => Ok(0),
            text => text
                .parse()
                .map_err(|_| ApiError::invalid_parameter("limit", "limit must be non-negative")),
        }
    }

    /// `start` and `end`, by default everything.
    pub(crate) fn range(&self) -> Result<TimeRange, ApiError> {
        let start = self.time("start", i64::MIN)?;
        let end = self.time("end", i64::MAX)?;
        if end < start {
            return Err(ApiError::invalid_parameter("end", END_BEFORE_START));
        }
        Ok(TimeRange::new(start, end))
    }

    /// As [`Self::range`]; of a wrong order no parameter is named, as in the reference.
    pub(crate) fn range_without_name(&self) -> Result<TimeRange, ApiError> {
        let start = self.time("start", i64::MIN)?;
        let end = self.time("end", i64::MAX)?;
        if end < start {
            return Err(ApiError::bad_data(END_BEFORE_START));
        }
        Ok(TimeRange::new(start, end))
    }

    /// Every `match[]`, parsed; each must name at least one condition that excludes something.
    pub(crate) fn matcher_sets(
        &self,
        options: &ParseOptions,
    ) -> Result<Vec<Vec<Matcher>>, ApiError> {
        self.all("match[]")
            .map(|text| {
                let set = matchers("match[]", text, options)?;
                if set.iter().all(Matcher::matches_empty) {
                    return Err(ApiError::invalid_parameter(
                        "match[]",
                        "match[] must contain at least one non-empty matcher",
                    ));
                }
                Ok(set)
            })
            .collect()
    }
}

/// A series selector as compiled matchers.
pub(crate) fn matchers(
    parameter: &str,
    text: &str,
    options: &ParseOptions,
) -> Result<Vec<Matcher>, ApiError> {
    let wrong = |reason: String| ApiError::invalid_parameter(parameter, &reason);
    let parsed =
        promql_syntax::parse_selector(text, options).map_err(|error| wrong(error.to_string()))?;
    parsed
        .iter()
        .map(|m| promql::compile_matcher(m).map_err(|error| wrong(error.to_string())))
        .collect()
}

/// Unix seconds as a decimal, or RFC 3339; `None` when neither or out of range.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<f64>() {
        let ms = (seconds * 1000.0).round();
        return (ms.is_finite() && ms.abs() < 9.2e18).then_some(ms as i64);
    }
    let stamp: jiff::Timestamp = text.parse().ok()?;
    Some(stamp.as_millisecond())
}

/// Why a text is no duration, in the words of the reference.
fn no_duration(text: &str) -> String {
    let overflow = if text.parse::<f64>().is_ok() { ". It overflows int64" } else { "" };
    format!("cannot parse {text:?} to a valid duration{overflow}")
}

/// Seconds as a decimal, or a Prometheus duration such as `1h30m`; milliseconds. None where the
/// nanoseconds, in which the reference counts, do not fit into 64 bits.
pub(crate) fn parse_duration_ms(text: &str) -> Option<i64> {
    const NANOS_END: f64 = 9_223_372_036_854_775_808.0;
    if let Ok(seconds) = text.parse::<f64>() {
        let nanos = seconds * 1e9;
        return (-NANOS_END..NANOS_END).contains(&nanos).then_some((nanos / 1e6).round() as i64);
    }
    promql_syntax::parse_duration(text).ok().map(|nanos| nanos / 1_000_000)
}

/// The spellings that the reference's language takes. Errors: its text.
pub(crate) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!("strconv.ParseBool: parsing {text:?}: invalid syntax")),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_duration_ms, parse_time};

    #[test]
    fn reads_times_in_both_spellings() {
        let check = |text: &str, want: Option<i64>| assert_eq!(parse_time(text), want, "{text}");
        check("1700000000", Some(1_700_000_000_000));
        check("1700000000.123", Some(1_700_000_000_123));
        check("2015-06-03T13:21:58.555Z", Some(1_433_337_718_555));
        check("2015-06-03T14:21:58.555+01:00", Some(1_433_337_718_555));
        check("30s", None);
        check("NaN", None);
    }

    #[test]
    fn reads_durations_in_both_spellings() {
        let check =
            |text: &str, want: Option<i64>| assert_eq!(parse_duration_ms(text), want, "{text}");
        check("15", Some(15_000));
        check("0.5", Some(500));
        check("1h30m", Some(5_400_000));
        check("5ms", Some(5));
        check("30m1h", None);
        check("h", None);
        check("", None);
        check("99999999999999y", None);
        check("-1", Some(-1000));
        check("9223372036", Some(9_223_372_036_000));
        check("9223372037", None);
        check("NaN", None);
    }
}
