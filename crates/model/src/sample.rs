//! One float sample, and the NaN that says "this series ended".

/// Bit pattern of the staleness marker; every other NaN is an ordinary value.
/// Source: Prometheus `model/value`, the payload is part of its storage and remote-write format.
pub const STALE_NAN_BITS: u64 = 0x7ff0_0000_0000_0002;

#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub t_ms: i64,
    pub v: f64,
}

/// The staleness marker as a float. Compare with [`is_stale`], never with `==`.
pub fn stale_nan() -> f64 {
    f64::from_bits(STALE_NAN_BITS)
}

pub fn is_stale(v: f64) -> bool {
    v.to_bits() == STALE_NAN_BITS
}

#[cfg(test)]
mod tests {
    use super::{is_stale, stale_nan};

    #[test]
    fn an_ordinary_nan_is_not_a_staleness_marker() {
        assert!(is_stale(stale_nan()));
        assert!(!is_stale(f64::NAN));
        assert!(!is_stale(0.0));
    }
}
