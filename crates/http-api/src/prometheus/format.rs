//! Numbers, times and values as the Prometheus API prints them, streamed into a byte buffer.

use model::{FloatHistogram, Labels};

/// A sample value: the shortest decimal that reads back to the same float, in exponent form
/// below 1e-6 and from 1e21, with `NaN`, `+Inf`, `-Inf`.
pub fn push_float(out: &mut Vec<u8>, v: f64) {
    let magnitude = v.abs();
    // Most samples are whole numbers: their digits need no search for the shortest fraction.
    if magnitude < WHOLE_MAX && magnitude.trunc() == magnitude {
        if v.is_sign_negative() {
            out.push(b'-');
        }
        push_integer(out, magnitude as u64);
        return;
    }
    if v.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if v.is_infinite() {
        out.extend_from_slice(if v > 0.0 { b"+Inf" } else { b"-Inf" });
    } else {
        push_shortest(out, v);
    }
}

/// Whole numbers below this are exact, and their digits are those of the integer.
const WHOLE_MAX: f64 = 1e15;

fn push_integer(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// A finite number that is not 0. Of two shortest texts that are equally near, the even one, as
/// the reference has it (and `core` has not).
fn push_shortest(out: &mut Vec<u8>, v: f64) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(v);
    // The usual sizes: no exponent to look for, and a fraction, as whole numbers are printed above.
    if (1e-4..WHOLE_MAX).contains(&v.abs()) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let Some((mantissa, exponent)) = text.split_once('e') else {
        out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
        return;
    };
    let mantissa = mantissa.strip_suffix(".0").unwrap_or(mantissa);
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (1e-6..1e21).contains(&v.abs()) {
        push_placed(out, mantissa, exponent);
        return;
    }
    // `1e-07`, `1.5e+21`: sign and at least two digits of exponent.
    out.extend_from_slice(mantissa.as_bytes());
    out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
    if exponent.unsigned_abs() < 10 {
        out.push(b'0');
    }
    push_integer(out, u64::from(exponent.unsigned_abs()));
}

/// `mantissa` times ten to `exponent`, without an exponent; it has one digit before its point.
fn push_placed(out: &mut Vec<u8>, mantissa: &str, exponent: i32) {
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    if unsigned.len() < mantissa.len() {
        out.push(b'-');
    }
    let digits = unsigned.bytes().filter(|b| *b != b'.');
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.extend((1..exponent.unsigned_abs()).map(|_| b'0'));
        out.extend(digits);
        return;
    }
    let whole = exponent.unsigned_abs() as usize + 1;
    for (place, digit) in digits.chain(std::iter::repeat(b'0')).enumerate() {
        if place == whole.max(unsigned.len() - usize::from(unsigned.contains('.'))) {
            break;
        }
        if place == whole {
            out.push(b'.');
        }
        out.push(digit);
    }
}

/// Unix seconds with up to three decimals: `1700000000`, `1700000000.5` is `1700000000.500`.
pub fn push_time(out: &mut Vec<u8>, t_ms: i64) {
    if t_ms < 0 {
        out.push(b'-');
    }
    push_integer(out, t_ms.unsigned_abs() / 1000);
    let millis = (t_ms.unsigned_abs() % 1000) as u16;
    if millis != 0 {
        let digit = |n: u16| b'0' + (n % 10) as u8;
        out.extend_from_slice(&[b'.', digit(millis / 100), digit(millis / 10), digit(millis)]);
    }
}

/// A JSON string; the characters HTML treats specially stay as they are.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    // Counted, not searched, so that many bytes are looked at at once: names and values of labels
    // hardly ever need an escape.
    let is_special = |b: &u8| *b < 0x20 || *b == b'"' || *b == b'\\';
    if text.as_bytes().iter().filter(|b| is_special(b)).count() == 0 {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    // Infallible: a &str always serialises, and a Vec always takes it.
    if let Err(error) = serde_json::to_writer(&mut *out, text) {
        debug_assert!(false, "{error}");
    }
}

pub fn push_labels(out: &mut Vec<u8>, labels: &Labels) {
    push_pairs(out, labels.iter());
}

/// An object of strings.
pub fn push_pairs<'a>(out: &mut Vec<u8>, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
    out.push(b'{');
    for (i, (name, value)) in pairs.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        push_string(out, name);
        out.push(b':');
        push_string(out, value);
    }
    out.push(b'}');
}

/// `[time,"value"]`
pub fn push_point(out: &mut Vec<u8>, t_ms: i64, v: f64) {
    push_point_start(out, t_ms);
    push_float(out, v);
    out.extend_from_slice(POINT_END);
}

/// `[time,"`
fn push_point_start(out: &mut Vec<u8>, t_ms: i64) {
    out.push(b'[');
    push_time(out, t_ms);
    out.extend_from_slice(b",\"");
}

const POINT_END: &[u8] = b"\"]";

/// What the points of all series over the same steps begin with, written once.
#[derive(Debug, Default)]
pub struct PointStarts {
    text: Vec<u8>,
    /// Where the start of each step begins in `text`, and where the last one ends.
    places: Vec<u32>,
}

impl PointStarts {
    /// Of points at these times, Unix milliseconds.
    pub fn of(times: impl Iterator<Item = i64>) -> Self {
        let mut starts = Self { text: Vec::new(), places: vec![0] };
        for t_ms in times {
            push_point_start(&mut starts.text, t_ms);
            starts.places.push(starts.text.len() as u32);
        }
        starts
    }

    /// `[time,"value"]` at a step; nothing if there is no such step.
    pub fn push_point(&self, out: &mut Vec<u8>, step: usize, v: f64) {
        let Some([from, to]) = self.places.get(step..step + 2) else { return };
        out.extend_from_slice(&self.text[*from as usize..*to as usize]);
        push_float(out, v);
        out.extend_from_slice(POINT_END);
    }
}

/// `[time,{"count":"…","sum":"…","buckets":[[boundaries,"lower","upper","count"],…]}]`
///
/// Boundary codes: 0 upper inclusive, 1 lower inclusive, 2 neither, 3 both (as the zero bucket).
/// Empty buckets are left out.
pub fn push_histogram_point(out: &mut Vec<u8>, t_ms: i64, h: &FloatHistogram) {
    out.push(b'[');
    push_time(out, t_ms);
    out.extend_from_slice(b",{\"count\":\"");
    push_float(out, h.count);
    out.extend_from_slice(b"\",\"sum\":\"");
    push_float(out, h.sum);
    out.push(b'"');
    let buckets = promql::histogram::populated_buckets(h);
    for (i, bucket) in buckets.iter().enumerate() {
        out.extend_from_slice(if i == 0 { b",\"buckets\":[" } else { b"," });
        out.push(b'[');
        out.push(match (bucket.lower_inclusive, bucket.upper_inclusive) {
            (false, true) => b'0',
            (true, false) => b'1',
            (false, false) => b'2',
            (true, true) => b'3',
        });
        for number in [bucket.lower, bucket.upper, bucket.count] {
            out.extend_from_slice(b",\"");
            push_float(out, number);
            out.push(b'"');
        }
        out.push(b']');
    }
    if !buckets.is_empty() {
        out.push(b']');
    }
    out.extend_from_slice(b"}]");
}

#[cfg(test)]
mod tests {
    use super::{push_float, push_histogram_point, push_string, push_time};
    use model::{FloatHistogram, Span};

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn prints_floats_as_the_reference_does() {
        let check = |v: f64, want: &str| assert_eq!(text(|out| push_float(out, v)), want);
        check(0.0, "0");
        check(-0.0, "-0");
        check(1.0, "1");
        check(-12_345_678_901.0, "-12345678901");
        check(999_999_999_999_999.0, "999999999999999");
        check(1e15, "1000000000000000");
        check(0.1 + 0.2, "0.30000000000000004");
        check(1e20, "100000000000000000000");
        check(1e21, "1e+21");
        check(1.5e-7, "1.5e-07");
        check(-1e-300, "-1e-300");
        check(1e-6, "0.000001");
        check(-(708_218_770_657_877.0 + 0.25), "-708218770657877.2");
        check(708_218_770_657_877.0 + 0.75, "708218770657877.8");
        check(1.5e20, "150000000000000000000");
        check(-1_234_567_890_123_456_789.0, "-1234567890123456800");
        check(5e-324, "5e-324");
        check(-1.25e-5, "-0.0000125");
        check(123_456_789_012_345.67, "123456789012345.67");
        check(f64::NAN, "NaN");
        check(f64::NEG_INFINITY, "-Inf");
    }

    #[test]
    fn prints_the_shortest_digits_of_any_size() {
        let mut bits = 0x2545_f491_4f6c_dd1d_u64;
        for i in 0..40_000_u64 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // Half of them from 2^-22 to 2^71, the others of any size; either sign.
            let near = (bits & !(0x7ff << 52)) | ((1001 + (bits >> 33) % 93) << 52);
            let v = f64::from_bits(if i % 2 == 0 { near } else { bits });
            if !v.is_finite() {
                continue;
            }
            let got = text(|out| push_float(out, v));
            assert_eq!(got.parse::<f64>().map(f64::to_bits), Ok(v.to_bits()), "{got}");
            let want = if (1e-6..1e21).contains(&v.abs()) {
                format!("{v}")
            } else {
                let text = format!("{v:e}");
                let (mantissa, exponent) = text.split_once('e').unwrap();
                let exponent: i32 = exponent.parse().unwrap();
                format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
            };
            assert_eq!(got.len(), want.len(), "{got}, {want}");
        }
    }

    #[test]
    fn quotes_strings_as_json_does() {
        let texts = ["", "node_load1", "a\"b", "a\\b", "tab\there", "\u{1}", "<é&>\u{2028}\u{7f}"];
        for plain in texts {
            let want = serde_json::to_string(plain).unwrap();
            assert_eq!(text(|out| push_string(out, plain)), want);
        }
    }

    #[test]
    fn prints_times_in_seconds() {
        let check = |t_ms, want: &str| assert_eq!(text(|out| push_time(out, t_ms)), want);
        check(1_700_000_000_000, "1700000000");
        check(1_700_000_000_050, "1700000000.050");
        check(-1500, "-1.500");
    }

    #[test]
    fn prints_only_filled_buckets() {
        let h = FloatHistogram {
            count: 3.0,
            sum: 5.0,
            zero_threshold: 0.001,
            zero_count: 1.0,
            positive_spans: vec![Span { offset: 0, length: 3 }],
            positive_buckets: vec![1.0, 0.0, 1.0],
            ..FloatHistogram::default()
        };
        assert_eq!(
            text(|out| push_histogram_point(out, 1000, &h)),
            r#"[1,{"count":"3","sum":"5","buckets":[[3,"-0.001","0.001","1"],[0,"0.5","1","1"],[0,"2","4","1"]]}]"#
        );
    }
}
