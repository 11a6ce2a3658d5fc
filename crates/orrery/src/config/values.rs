//! Values of the configuration with their spellings: durations, sizes, addresses.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use http_api::portal::AllowList;
use model::{Matcher, Tenant};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration written as `15d`, `1h30m`, `100ms`; milliseconds are the finest unit. Printed as
/// Prometheus prints it: years and weeks only when nothing is left over, so `30d` stays `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

const UNITS: [(&str, u64); 7] = [
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl Period {
    pub(crate) const fn millis(n: u64) -> Self {
        Self(Duration::from_millis(n))
    }

    pub(crate) const fn seconds(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }

    pub(crate) const fn days(n: u64) -> Self {
        Self(Duration::from_secs(n * 86_400))
    }

    pub(crate) fn as_millis(self) -> i64 {
        i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no duration; write it as 15d, 1h30m, 30s or 100ms");
        let mut rest = text;
        let mut total_ms = 0_u64;
        if text.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let (number, tail) = rest.split_at(digits);
            let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit);
            let known = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
            let part = number.parse::<u64>().ok().and_then(|n| n.checked_mul(known.1));
            total_ms = part.and_then(|p| total_ms.checked_add(p)).ok_or_else(wrong)?;
            rest = tail;
        }
        Ok(Self::millis(total_ms))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, ms) in UNITS {
            let may_leave_rest = !matches!(unit, "y" | "w");
            if left >= ms && (may_leave_rest || left.is_multiple_of(ms)) {
                write!(f, "{}{unit}", left / ms)?;
                left %= ms;
            }
        }
        Ok(())
    }
}

/// A number of bytes written as `512`, `64KiB`, `32MiB`, `1GiB`, or with decimal `kB`, `MB`, `GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteSize(pub(crate) u64);

const SIZES: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("B", 1),
];

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim();
        let factor = match unit {
            "" => Some(1),
            _ => SIZES.iter().find(|(name, _)| *name == unit).map(|(_, bytes)| *bytes),
        };
        let bytes = factor.and_then(|f| number.parse::<u64>().ok()?.checked_mul(f));
        bytes
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no size; write it as 512, 64KiB, 32MiB or 1GiB"))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, bytes): &&(&str, u64)| self.0 >= *bytes && self.0.is_multiple_of(*bytes);
        match SIZES.iter().take(4).find(fits) {
            Some((unit, bytes)) => write!(f, "{}{unit}", self.0 / bytes),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A number of bytes as Prometheus' flags take it: `512MB`, `10GiB`, with a unit, and every unit a
/// power of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Base2Bytes(pub(crate) ByteSize);

impl FromStr for Base2Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let power = match unit.replace("iB", "B").as_str() {
            "B" => Some(0),
            "KB" => Some(1),
            "MB" => Some(2),
            "GB" => Some(3),
            "TB" => Some(4),
            "PB" => Some(5),
            "EB" => Some(6),
            _ => None,
        };
        let bytes =
            power.and_then(|power| number.parse::<u64>().ok()?.checked_mul(1 << (10 * power)));
        bytes
            .map(|bytes| Self(ByteSize(bytes)))
            .ok_or_else(|| format!("{text:?} is no size with a unit; write it as 512MB or 10GB"))
    }
}

/// A tenant's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TenantName(pub(crate) Tenant);

impl FromStr for TenantName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Tenant::parse(text).map(Self).map_err(|error| error.to_string())
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// A host, an address or a network that data sources may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceHost {
    text: String,
    pub(crate) allow: AllowList,
}

impl FromStr for SourceHost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allow = AllowList::parse(&[text]).map_err(|error| error.to_string())?;
        Ok(Self { text: text.to_owned(), allow })
    }
}

impl fmt::Display for SourceHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A series selector, as `{__name__=~"debug_.*"}` or `up{job="a"}`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selector {
    text: String,
    pub(crate) matchers: Vec<Matcher>,
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |reason: String| format!("{text:?} is no series selector: {reason}");
        let parsed = promql_syntax::parse_selector(text, &promql_syntax::ParseOptions::default())
            .map_err(|error| wrong(error.to_string()))?;
        let matchers = parsed.iter().map(promql::compile_matcher).collect::<Result<Vec<_>, _>>();
        let matchers = matchers.map_err(|error| wrong(error.to_string()))?;
        Ok(Self { text: text.to_owned(), matchers })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where a face listens: `127.0.0.1:3000`, `[::]:3000`, `:3000` (every address), or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) Option<SocketAddr>);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        let full = if text.starts_with(':') { format!("0.0.0.0{text}") } else { text.to_owned() };
        let full = full.replace("localhost:", "127.0.0.1:");
        full.parse().map(|address| Self(Some(address))).map_err(|_| {
            format!("{text:?} is no address; write it as 127.0.0.1:3000, :3000 or none")
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => write!(f, "{address}"),
            None => f.write_str("none"),
        }
    }
}

/// Reads a value from a string or a plain number, and writes it as a string.
macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

as_text!(Period, ByteSize, Address, TenantName, Selector, SourceHost);

#[cfg(test)]
mod tests {
    use super::{Address, Base2Bytes, ByteSize, Period, Selector, SourceHost, TenantName};

    #[test]
    fn durations_sizes_and_addresses_print_as_they_are_read() {
        fn check<T: std::str::FromStr<Err = String> + ToString>(text: &str, want: &str) {
            assert_eq!(text.parse::<T>().map(|v| v.to_string()), Ok(want.into()), "{text}");
        }
        check::<Period>("15d", "15d");
        check::<Period>("30d", "30d");
        check::<Period>("14d", "2w");
        check::<Period>("52w", "52w");
        check::<Period>("365d", "1y");
        check::<Period>("0s", "0s");
        check::<TenantName>("team-a", "team-a");
        check::<SourceHost>("169.254.0.0/16", "169.254.0.0/16");
        check::<Selector>("up{job=\"a\"}", "up{job=\"a\"}");
        check::<Period>("90m", "1h30m");
        check::<Period>("100ms", "100ms");
        check::<ByteSize>("1GiB", "1GiB");
        check::<ByteSize>("1500", "1500");
        check::<ByteSize>("2kB", "2000");
        check::<Address>(":3000", "0.0.0.0:3000");
        check::<Address>("localhost:1", "127.0.0.1:1");
        check::<Address>("none", "none");
        assert!("5 parsecs".parse::<Period>().is_err());
        assert!("10".parse::<Period>().is_err());
        assert!("-1".parse::<ByteSize>().is_err());
        assert!("3000".parse::<Address>().is_err());
        assert!("a/b".parse::<TenantName>().is_err());
        assert!("http://x".parse::<SourceHost>().is_err());
        assert!("sum(up)".parse::<Selector>().is_err_and(|e| e.contains("no series selector")));
    }

    #[test]
    fn sizes_of_prometheus_flags_are_powers_of_1024() {
        let check = |text: &str, want: Option<u64>| {
            assert_eq!(text.parse::<Base2Bytes>().ok().map(|b| b.0.0), want, "{text}");
        };
        check("512MB", Some(512 << 20));
        check("1KiB", Some(1024));
        check("0B", Some(0));
        check("10", None);
        check("9999EB", None);
        check("MB", None);
    }
}
