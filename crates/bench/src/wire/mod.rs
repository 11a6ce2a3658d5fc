//! Remote-write requests, built before the clock starts: messages 1.0 and 2.0.

mod field;
mod histogram;
mod v1;
mod v2;

pub(crate) use histogram::Histogram;

/// A series' labels, sorted by name, with their bytes in message 1.0, which every sample repeats.
#[derive(Clone, Debug)]
pub(crate) struct Labels {
    pairs: Vec<(String, String)>,
    v1: Vec<u8>,
}

impl Labels {
    pub(crate) fn new(mut pairs: Vec<(String, String)>) -> Self {
        pairs.sort();
        let v1 = v1::labels(&pairs);
        Self { pairs, v1 }
    }

    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self::new(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Float(f64),
    Histogram(Box<Histogram>),
}

/// A trace that contributed to a sample.
#[derive(Clone, Debug)]
pub(crate) struct Exemplar {
    pub(crate) trace_id: String,
    pub(crate) value: f64,
}

/// One sample on its way.
#[derive(Clone, Debug)]
pub(crate) struct Point<'a> {
    pub(crate) labels: &'a Labels,
    pub(crate) t_ms: i64,
    pub(crate) value: Value,
    pub(crate) exemplar: Option<Exemplar>,
}

impl<'a> Point<'a> {
    pub(crate) fn float(labels: &'a Labels, t_ms: i64, value: f64) -> Self {
        Self { labels, t_ms, value: Value::Float(value), exemplar: None }
    }
}

/// Message version of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Version {
    #[value(name = "1")]
    V1,
    #[value(name = "2")]
    V2,
}

impl Version {
    pub(crate) const fn headers(self) -> &'static str {
        match self {
            Self::V1 => {
                "Content-Type: application/x-protobuf\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n"
            }
            Self::V2 => {
                "Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request\r\n\
                 X-Prometheus-Remote-Write-Version: 2.0.0\r\n"
            }
        }
    }
}

/// A request as it grows, one entry of one sample per point, as an agent sends it.
pub(crate) enum Message {
    V1(v1::Request),
    V2(v2::Request),
}

impl Message {
    pub(crate) fn new(version: Version) -> Self {
        match version {
            Version::V1 => Self::V1(v1::Request::default()),
            Version::V2 => Self::V2(v2::Request::default()),
        }
    }

    pub(crate) fn push(&mut self, point: &Point<'_>) {
        match self {
            Self::V1(request) => request.push(point),
            Self::V2(request) => request.push(point),
        }
    }

    /// The protobuf so far, and begins a new request.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        match self {
            Self::V1(request) => request.take(),
            Self::V2(request) => request.take(),
        }
    }
}
