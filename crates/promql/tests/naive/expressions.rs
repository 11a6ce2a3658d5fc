//! Random data and random expressions over it.

use model::Labels;

use crate::evaluator::Series;

/// A small generator, so that a failing seed repeats whatever the test framework does.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound.max(1)
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Half an hour of counters, gauges and oddities. Values are multiples of 1/8: sums are exact.
pub(crate) fn data(rng: &mut Rng) -> Vec<Series> {
    let mut all = Vec::new();
    for metric in ["c_total", "g", "odd", "limit"] {
        for job in ["a", "b"] {
            for instance in if metric == "limit" { &["0"][..] } else { &["0", "1", "2"] } {
                let labels = Labels::from_pairs([
                    ("__name__", metric),
                    ("instance", *instance),
                    ("job", job),
                ]);
                all.push((labels, samples(rng, metric)));
            }
        }
    }
    all
}

fn samples(rng: &mut Rng, metric: &str) -> Vec<(i64, f64)> {
    let phase = rng.pick(&[0, 0, 7_000, 3_217]);
    let mut out = Vec::new();
    let mut value = rng.below(40) as f64;
    let mut scrape = 0;
    while scrape < 120 {
        value = match metric {
            "c_total" if rng.chance(4) => 0.0,
            "c_total" => value + rng.below(20) as f64 / 8.0,
            _ => (rng.below(400) as f64 - 200.0) / 8.0,
        };
        let mut v = value;
        if metric == "odd" && rng.chance(10) {
            v = rng.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0]);
        }
        let ends = rng.chance(2);
        out.push((phase + scrape * 15_000, if ends { model::stale_nan() } else { v }));
        scrape += if ends || rng.chance(2) { 2 + rng.below(30) as i64 } else { 1 };
    }
    out
}

pub(crate) fn vector(rng: &mut Rng, depth: u32) -> String {
    if depth == 0 {
        return selector(rng, "");
    }
    let inner = depth - 1;
    match rng.below(12) {
        0..=3 => over_range(rng, inner),
        4 | 5 => aggregation(rng, inner),
        6 => {
            let op = rng.pick(&["+", "-", "*", "/", "%", ">", "<=", "==", "> bool", "!= bool"]);
            let (v, s) = (vector(rng, inner), scalar(rng, inner));
            if rng.chance(50) { format!("({v} {op} {s})") } else { format!("({s} {op} {v})") }
        }
        7 | 8 => pair(rng, inner),
        9 => {
            let f = rng.pick(&["abs", "ceil", "floor", "sqrt", "sgn", "ln"]);
            format!("{f}({})", vector(rng, inner))
        }
        10 => format!("-{}", vector(rng, inner)),
        _ => format!("vector({})", scalar(rng, inner)),
    }
}

fn scalar(rng: &mut Rng, depth: u32) -> String {
    match rng.below(5) {
        0 => "time()".into(),
        1 if depth > 0 => format!("scalar({})", vector(rng, depth - 1)),
        _ => rng.pick(&["0", "1", "2.5", "-3", "100"]).to_owned(),
    }
}

fn selector(rng: &mut Rng, range: &str) -> String {
    let metric = rng.pick(&["c_total", "c_total", "g", "g", "odd", "limit"]);
    let matcher = rng.pick(&["", "", "{job=\"a\"}", "{instance=~\"0|1\"}", "{job!=\"a\"}"]);
    let at = rng.pick(&["", "", "", "", " @ 600", " @ start()", " @ end()"]);
    let offset = rng.pick(&["", "", "", " offset 2m", " offset -1m"]);
    format!("{metric}{matcher}{range}{at}{offset}")
}

fn over_range(rng: &mut Rng, depth: u32) -> String {
    let range = if rng.chance(20) {
        let step = rng.pick(&["", "30s", "1m", "17s"]);
        format!("({})[{}:{step}]", vector(rng, depth), rng.pick(&["5m", "3m"]))
    } else {
        let width = rng.pick(&["[1m]", "[2m]", "[5m]", "[37s]", "[15m]", "[30s]"]);
        selector(rng, width)
    };
    let function = rng.pick(&[
        "rate",
        "increase",
        "delta",
        "irate",
        "idelta",
        "sum_over_time",
        "avg_over_time",
        "count_over_time",
        "min_over_time",
        "max_over_time",
        "last_over_time",
        "first_over_time",
        "present_over_time",
        "stddev_over_time",
        "stdvar_over_time",
        "changes",
        "resets",
        "deriv",
        "quantile_over_time",
        "predict_linear",
        "integral",
    ]);
    match function {
        "quantile_over_time" => {
            format!("{function}({}, {range})", rng.pick(&["0", "0.5", "0.9", "1", "2"]))
        }
        "predict_linear" => format!("{function}({range}, 60)"),
        "integral" => format!("{function}({range}{})", rng.pick(&["", ", 0", ", 1", ", 2"])),
        _ => format!("{function}({range})"),
    }
}

fn aggregation(rng: &mut Rng, depth: u32) -> String {
    let by =
        rng.pick(&["", " by (job)", " by (instance)", " without (instance)", " without (job)"]);
    match rng.below(8) {
        0 => format!("quantile{by} ({}, {})", rng.pick(&["0.5", "0.25"]), vector(rng, depth)),
        // Of equal elements it is open which are taken: counters with their fractions rarely are.
        1 => {
            let f = rng.pick(&["topk", "bottomk"]);
            format!("count{by} ({f}{by} ({}, g))", rng.pick(&["1", "2", "9"]))
        }
        _ => {
            let op = rng.pick(&["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]);
            format!("{op}{by} ({})", vector(rng, depth))
        }
    }
}

fn pair(rng: &mut Rng, depth: u32) -> String {
    let op = rng.pick(&["+", "-", "*", "/", ">", "<", "== bool", "!="]);
    match rng.below(5) {
        0 => {
            let op = rng.pick(&["and", "or", "unless"]);
            let on = rng.pick(&["", " on (job)", " ignoring (instance)"]);
            format!("({} {op}{on} {})", vector(rng, depth), vector(rng, depth))
        }
        1 => format!("({} {op} on (job) group_left () limit)", vector(rng, depth)),
        2 => format!("({} {op} on (instance, job) {})", vector(rng, depth), vector(rng, depth)),
        3 => format!("({} {op} {})", vector(rng, depth), vector(rng, depth)),
        _ => format!(
            "(sum by (job) ({}) {op} max by (job) ({}))",
            vector(rng, depth),
            vector(rng, depth)
        ),
    }
}
