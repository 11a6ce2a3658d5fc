//! Whatever goes in comes out, and common shapes are small.

use super::{GrowingFloats, GrowingReader};
use crate::chain::Pool;
use crate::xor::{ChunkError, XorChunk};
use proptest::prelude::*;

fn decode(bytes: &[u8], base_t: i64, count: u32) -> Result<Vec<(i64, u64)>, ChunkError> {
    let mut reader = GrowingReader::new(bytes, base_t, count);
    let mut out = Vec::new();
    while let Some((t, v)) = reader.next_sample()? {
        out.push((t, v.to_bits()));
    }
    Ok(out)
}

/// Bits a sample.
#[track_caller]
fn check(samples: &[(i64, u64)], base_t: i64) -> f64 {
    let (mut stream, mut pool) = (GrowingFloats::default(), Pool::default());
    for (t, v) in samples {
        stream.push(&mut pool, base_t, *t, f64::from_bits(*v));
    }
    let bytes = stream.bytes(&pool);
    assert_eq!(decode(&bytes, base_t, samples.len() as u32).as_deref(), Ok(samples));
    if let (Some(first), Some(last)) = (samples.first(), samples.last()) {
        assert_eq!(stream.first_t(&pool, base_t), first.0);
        assert_eq!((stream.last_t(), stream.last_v()), *last);
    }
    stream.release(&mut pool);
    assert!(stream.is_empty());
    bytes.len() as f64 * 8.0 / samples.len().max(1) as f64
}

/// Bits a sample of 120 samples at 15 s, and of the XOR codec on the same.
fn bits(v: impl Fn(i64) -> f64) -> (f64, f64) {
    let samples: Vec<_> =
        (0..120).map(|i| (1_700_000_000_000 + i * 15_000, v(i).to_bits())).collect();
    let mut xor = XorChunk::default();
    for (t, v) in &samples {
        xor.push(*t, f64::from_bits(*v));
    }
    (check(&samples, 1_699_999_990_000), xor.bytes().len() as f64 * 8.0 / 120.0)
}

/// A name, values by number, and the most bits a sample.
type Shape<'a> = (&'a str, &'a dyn Fn(i64) -> f64, f64);

#[test]
fn shapes_cost_what_they_should() {
    let noise = |i: i64| {
        let x = (i ^ i << 32).wrapping_mul(-0x6140_2dab_0ef5_a1a3);
        (x ^ x >> 29).wrapping_mul(-0x40a7_b892_e31b_1a47) >> 40 & 1023
    };
    let flat = |_: i64| 42.0;
    let shapes: [Shape<'_>; 10] = [
        ("constant", &flat, 0.9),
        ("line", &|i| (7 * i) as f64, 1.2),
        ("steps", &|i| (i / 20) as f64, 2.7),
        ("rare jumps", &|i| (i / 50 * 1000) as f64, 2.7),
        ("counter", &|i| (1_000_000 + 150 * i + noise(i) / 50) as f64, 8.5),
        ("seconds", &|i| (100_000 + 1467 * i + noise(i) / 8) as f64 / 100.0, 11.5),
        ("gauge", &|i| (50_000 + noise(i)) as f64 / 100.0, 12.5),
        ("bytes", &|i| (4_000_000_000 + 4096 * noise(i)) as f64, 14.5),
        ("ratio", &|i| noise(i) as f64 / 1023.0, 66.0),
        ("none", &|_| f64::NAN, 1.9),
    ];
    for (name, v, most) in shapes {
        let (own, xor) = bits(v);
        assert!(own <= most, "{name}: {own:.2} bits, by XOR {xor:.2}");
    }
}

#[test]
fn special_values_keep_their_bits() {
    let special = [
        f64::NAN.to_bits(),
        model_stale(),
        (-0.0_f64).to_bits(),
        0,
        f64::INFINITY.to_bits(),
        f64::NEG_INFINITY.to_bits(),
        1,
        u64::MAX,
        f64::MIN_POSITIVE.to_bits(),
    ];
    check(&special.iter().enumerate().map(|(i, v)| (i as i64, *v)).collect::<Vec<_>>(), 0);
}

/// Prometheus' staleness marker.
fn model_stale() -> u64 {
    0x7ff0_0000_0000_0002
}

/// Counts of steady samples around those that are stated, each followed by what ends a run.
#[test]
fn runs_of_steady_samples_come_back() {
    type End = fn(&mut i64, &mut f64);
    let ends: [End; 5] = [
        |_, v| *v += 1.0,
        |_, v| *v = 0.1,
        |_, v| *v = f64::from_bits(model_stale()),
        |t, _| *t += 1,
        |_, v| *v = 1.0 / 3.0,
    ];
    for count in [1, 14, 15, 16, 17, 18, 19, 33, 300] {
        for slope in [0.0, 3.0] {
            for end in ends {
                let (mut t, mut v, mut samples) = (0_i64, 7.0_f64, Vec::new());
                for _ in 0..3 {
                    for _ in 0..count {
                        (t, v) = (t + 15_000, v + slope);
                        samples.push((t, v.to_bits()));
                    }
                    check(&samples, 100);
                    end(&mut t, &mut v);
                }
            }
        }
    }
}

#[test]
fn extreme_times_come_back() {
    check(&[(i64::MIN, 1), (-1, 2), (0, 3), (1, 3), (i64::MAX, 4)], 5);
    check(&[(0, 0)], i64::MIN);
    check(&[], 0);
}

fn series() -> impl Strategy<Value = Vec<(i64, u64)>> {
    let step = prop_oneof![
        4 => Just(15_000_i64),
        2 => 14_990_i64..15_010,
        1 => 1_i64..100_000,
        1 => 1_i64..1 << 40
    ];
    let value = prop_oneof![
        3 => Just(42.0_f64.to_bits()),
        3 => (0_u32..100_000).prop_map(|v| f64::from(v).to_bits()),
        2 => (0_u32..100_000).prop_map(|v| (f64::from(v) / 1000.0).to_bits()),
        2 => (0_u32..100_000).prop_map(|v| (f64::from(v) * 1024.0).to_bits()),
        1 => Just(f64::NAN.to_bits()),
        1 => any::<u64>(),
    ];
    prop::collection::vec((step, value), 0..300).prop_map(|steps| {
        let mut t = -1_000_000;
        let advance = |(step, v)| {
            t += step;
            (t, v)
        };
        steps.into_iter().map(advance).collect()
    })
}

proptest! {
    #[test]
    fn every_series_comes_back(samples in series()) {
        check(&samples, -900_000);
    }

    #[test]
    fn damaged_bytes_are_an_error_or_numbers(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0_u32..200) {
        drop(decode(&bytes, 0, count));
    }
}
