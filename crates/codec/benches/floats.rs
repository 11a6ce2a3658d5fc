//! Size and speed of the chunk codecs on synthetic series: `cargo bench -p codec`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures")]

use std::time::{Duration, Instant};

use codec::floats::{FloatScratch, put_floats, take_floats};

const CHUNK: usize = 240;
const CHUNKS: usize = 2000;

fn value(kind: usize, series: u64, i: u64) -> f64 {
    let noise = (series * 7919 + i).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    match kind {
        0 => 42.0,
        1 => (i * 1500) as f64,
        2 => (i * 1500 + noise % 1000) as f64,
        3 => (noise % 100_000) as f64 / 100.0,
        4 => (noise as f64).sqrt(),
        _ => ((i / 8 * 8 + series) as f64).sqrt(),
    }
}

fn best_of(rounds: usize, mut run: impl FnMut()) -> Duration {
    (0..rounds)
        .map(|_| {
            let before = Instant::now();
            run();
            before.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    let names = ["constant", "even steps", "counter", "gauge, 2 places", "reals", "reals, held"];
    for (kind, name) in names.into_iter().enumerate() {
        let series: Vec<Vec<f64>> = (0..CHUNKS as u64)
            .map(|s| (0..CHUNK as u64).map(|i| value(kind, s, i)).collect())
            .collect();
        let mut encoded: Vec<Vec<u8>> = Vec::new();
        let encode = best_of(3, || {
            encoded.clear();
            encoded.extend(series.iter().map(|values| {
                let mut out = Vec::new();
                put_floats(&mut out, values);
                out
            }));
        });
        let (mut scratch, mut out) = (FloatScratch::default(), Vec::new());
        let decode = best_of(5, || {
            for bytes in &encoded {
                out.clear();
                take_floats(bytes, CHUNK, &mut scratch, &mut out).unwrap();
            }
        });
        let samples = (CHUNK * CHUNKS) as f64;
        let rate = |took: Duration| samples / took.as_secs_f64() / 1e6;
        let bytes: usize = encoded.iter().map(Vec::len).sum();
        println!(
            "{name:16} {:6.3} B/sample, encode {:6.0} M/s, decode {:6.0} M/s",
            bytes as f64 / samples,
            rate(encode),
            rate(decode)
        );
    }
}
