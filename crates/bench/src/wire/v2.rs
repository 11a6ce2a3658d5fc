//! `io.prometheus.write.v2.Request`: labels as references into one table of symbols.

use std::collections::HashMap;

use super::field::{bytes, double, integer, packed};
use super::{Point, Value};

#[derive(Default)]
pub(crate) struct Request {
    series: Vec<u8>,
    numbers: HashMap<String, u64>,
    symbols: Vec<String>,
}

impl Request {
    fn symbol(&mut self, text: &str) -> u64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        // Number 0 is the empty string.
        let number = self.symbols.len() as u64 + 1;
        self.numbers.insert(text.to_owned(), number);
        self.symbols.push(text.to_owned());
        number
    }

    pub(super) fn push(&mut self, point: &Point<'_>) {
        let mut references = Vec::new();
        for (name, value) in &point.labels.pairs {
            references.push(self.symbol(name));
            references.push(self.symbol(value));
        }
        let mut one = Vec::new();
        packed(&mut one, 1, references.into_iter());
        match &point.value {
            Value::Float(v) => {
                let mut sample = Vec::with_capacity(20);
                double(&mut sample, 1, *v);
                integer(&mut sample, 2, point.t_ms as u64);
                bytes(&mut one, 2, &sample);
            }
            Value::Histogram(histogram) => bytes(&mut one, 3, &histogram.encode(point.t_ms)),
        }
        if let Some(exemplar) = &point.exemplar {
            let reference = [self.symbol("trace_id"), self.symbol(&exemplar.trace_id)];
            let mut inner = Vec::new();
            packed(&mut inner, 1, reference.into_iter());
            double(&mut inner, 2, exemplar.value);
            integer(&mut inner, 3, point.t_ms as u64);
            bytes(&mut one, 4, &inner);
        }
        bytes(&mut self.series, 5, &one);
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        bytes(&mut out, 4, b"");
        for symbol in self.symbols.drain(..) {
            bytes(&mut out, 4, symbol.as_bytes());
        }
        self.numbers.clear();
        out.append(&mut self.series);
        out
    }
}
