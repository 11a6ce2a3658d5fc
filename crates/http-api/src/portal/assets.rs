//! The embedded web UI: files as the web build left them, with their compressed twins.

use std::borrow::Cow;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `web/dist/` of the project. Unoptimised builds read it from there while running.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// A page of the build, when there has been one.
pub(crate) fn page(name: &str) -> Option<Cow<'static, str>> {
    match Dist::get(name)?.data {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// `GET /assets/{path}`: names carry a hash of the content, so they never change.
pub(crate) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
    let name = format!("assets/{path}");
    let not_found = || (StatusCode::NOT_FOUND, "no such file\n").into_response();
    // Neither the compressed twins are to be asked for by name, nor anything above the folder.
    let climbs = path.split('/').any(|part| part.is_empty() || part.starts_with('.'));
    if climbs || matches!(path.rsplit('.').next(), Some("gz" | "br")) {
        return not_found();
    }
    let Some((data, encoding)) = encoded(&name, accept.unwrap_or_default()) else {
        return not_found();
    };
    let mut response = data.into_response();
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&name)));
    own.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    own.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(encoding) = encoding {
        own.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

type Encoded = (Cow<'static, [u8]>, Option<&'static str>);

/// The smallest form of a file that the client understands.
fn encoded(name: &str, accept: &str) -> Option<Encoded> {
    for (suffix, encoding) in [(".br", "br"), (".gz", "gzip")] {
        if accepts(accept, encoding)
            && let Some(file) = Dist::get(&format!("{name}{suffix}"))
        {
            return Some((file.data, Some(encoding)));
        }
    }
    Dist::get(name).map(|file| (file.data, None))
}

fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|item| {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let refused = matches!(parameters.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00");
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod encodings {
    use super::accepts;

    #[test]
    fn encodings_are_read_from_the_header() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("gzip;q=0.5,BR ; q=1", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("xgzip", "gzip"));
    }
}
