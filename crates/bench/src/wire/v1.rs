//! `prometheus.WriteRequest`: every sample carries its series' labels as text.

use super::field::{bytes, double, integer};
use super::{Point, Value};

#[derive(Default)]
pub(crate) struct Request {
    body: Vec<u8>,
    one: Vec<u8>,
}

impl Request {
    pub(super) fn push(&mut self, point: &Point<'_>) {
        self.one.clear();
        self.one.extend_from_slice(&point.labels.v1);
        if let Value::Float(v) = point.value {
            let mut sample = Vec::with_capacity(20);
            double(&mut sample, 1, v);
            integer(&mut sample, 2, point.t_ms as u64);
            bytes(&mut self.one, 2, &sample);
        }
        if let Some(exemplar) = &point.exemplar {
            let mut inner = Vec::new();
            bytes(&mut inner, 1, &label("trace_id", &exemplar.trace_id));
            double(&mut inner, 2, exemplar.value);
            integer(&mut inner, 3, point.t_ms as u64);
            bytes(&mut self.one, 3, &inner);
        }
        if let Value::Histogram(histogram) = &point.value {
            bytes(&mut self.one, 4, &histogram.encode(point.t_ms));
        }
        bytes(&mut self.body, 1, &self.one);
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.body)
    }
}

fn label(name: &str, value: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len() + value.len() + 6);
    bytes(&mut out, 1, name.as_bytes());
    bytes(&mut out, 2, value.as_bytes());
    out
}

pub(super) fn labels(pairs: &[(String, String)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in pairs {
        bytes(&mut out, 1, &label(name, value));
    }
    out
}
