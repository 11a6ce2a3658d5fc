//! Remote-write 1.0 requests: series with their samples, and the types of the metrics.
//!
//! The protobuf message is Prometheus' `prompb.WriteRequest`: field 1 series (1 labels, 2
//! samples), field 3 metadata.

use crate::world::{Kind, Moment, Series, World};

/// Samples of one request, roughly; a series is not split.
const SAMPLES_PER_REQUEST: usize = 100_000;

/// The series of a world with their labels ready for the wire.
#[derive(Debug)]
pub(crate) struct Encoder {
    labels: Vec<Vec<u8>>,
}

/// A request and what is in it.
#[derive(Debug)]
pub(crate) struct WriteRequest {
    /// Snappy block.
    pub(crate) body: Vec<u8>,
    pub(crate) samples: u64,
}

impl Encoder {
    pub(crate) fn new(world: &World) -> Self {
        Self { labels: world.series().iter().map(labels).collect() }
    }

    /// Hands over every sample of the moments, in requests of bounded size, until `take` says no.
    pub(crate) fn requests(&self, moment: &Moment<'_>, mut take: impl FnMut(WriteRequest) -> bool) {
        let mut message = Vec::new();
        let mut entry = Vec::new();
        let mut count = 0;
        for (series, labels) in moment.world().series().iter().zip(&self.labels) {
            entry.clear();
            entry.extend_from_slice(labels);
            let empty = entry.len();
            moment.samples(series, |t_ms, value| {
                count += 1;
                sample(&mut entry, t_ms, value);
            });
            if entry.len() > empty {
                bytes(&mut message, 1, &entry);
            }
            if count >= SAMPLES_PER_REQUEST {
                if !take(request(&message, count)) {
                    return;
                }
                message.clear();
                count = 0;
            }
        }
        if count > 0 {
            take(request(&message, count));
        }
    }
}

/// A request that only says what the metrics are.
pub(crate) fn metadata(world: &World) -> WriteRequest {
    let mut message = Vec::new();
    for (name, kind) in world.families() {
        let mut entry = vec![1 << 3];
        varint(
            &mut entry,
            match kind {
                Kind::Counter => 1,
                Kind::Gauge => 2,
                Kind::Histogram => 3,
            },
        );
        bytes(&mut entry, 2, name.as_bytes());
        bytes(&mut message, 3, &entry);
    }
    request(&message, 0)
}

fn request(message: &[u8], samples: usize) -> WriteRequest {
    let mut body = vec![0; snap::raw::max_compress_len(message.len())];
    // Only a message of more than 4 GiB does not fit a snappy block; ours are a few megabytes.
    let length = snap::raw::Encoder::new().compress(message, &mut body).unwrap_or(0);
    body.truncate(length);
    WriteRequest { body, samples: samples as u64 }
}

fn labels(series: &Series) -> Vec<u8> {
    let mut out = Vec::new();
    let mut pair = Vec::new();
    for (name, value) in &series.labels {
        pair.clear();
        bytes(&mut pair, 1, name.as_bytes());
        bytes(&mut pair, 2, value.as_bytes());
        bytes(&mut out, 1, &pair);
    }
    out
}

fn sample(out: &mut Vec<u8>, t_ms: i64, value: f64) {
    out.push(2 << 3 | 2);
    let length_at = out.len();
    out.push(0);
    out.push(1 << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
    out.push(2 << 3);
    varint(out, t_ms as u64);
    // At most 21 bytes, so the length is one byte.
    out[length_at] = (out.len() - length_at - 1) as u8;
}

fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}
