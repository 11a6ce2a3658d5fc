//! `Cache-Control` of requests, as caches in front of Prometheus take it.

use axum::http::{HeaderMap, header};

/// Whether results must not come from a cache, nor be kept in one. Only `no-store` says so:
/// browsers send `no-cache` with every reload, and a cached step is never out of date.
pub(crate) fn is_no_store(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let mut directives = values.filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    directives.any(|directive| directive.trim().eq_ignore_ascii_case("no-store"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::is_no_store;

    #[test]
    fn finds_the_directive() {
        let check = |values: &[&'static str], want: bool| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CACHE_CONTROL, HeaderValue::from_static(value));
            }
            assert_eq!(is_no_store(&headers), want, "{values:?}");
        };
        check(&[], false);
        check(&["no-cache"], false);
        check(&["max-age=0, No-Store"], true);
        check(&["no-cache", "no-store"], true);
        check(&["private=\"no-store"], false);
    }
}
