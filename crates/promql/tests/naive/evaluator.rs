//! PromQL by its definition: one step at a time, every window looked at from scratch, every sum from
//! left to right. Floats only. Slow, short and independent of the engine: it shares the parser and
//! nothing else.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::Labels;
use promql_syntax::Expr;
use promql_syntax::ast::{
    Aggregate, At, Binary, Call, Cardinality, DurationArg, LabelMatcher, MatrixSelector, Subquery,
    VectorMatching, VectorSelector,
};
use promql_syntax::ops::{AggregateOp, BinaryOp, MatchOp, UnaryOp};

/// Samples of one series: `(Unix ms, value)`, ascending; staleness markers included.
pub(crate) type Series = (Labels, Vec<(i64, f64)>);

const LOOKBACK_MS: i64 = 5 * 60 * 1000;
const SUBQUERY_STEP_MS: i64 = 60 * 1000;

pub(crate) enum Value {
    Scalar(f64),
    Vector(Vec<(Labels, f64)>),
}

/// The query has no result here: duplicates where there must be none.
#[derive(Debug)]
pub(crate) struct Refused;

pub(crate) struct Naive<'d> {
    data: &'d [Series],
    start_ms: i64,
    end_ms: i64,
    /// Which series each range function has made its results of, over all steps: two that differ
    /// by name only are refused even where they never meet, as in the reference.
    origins: RefCell<HashMap<*const Call, BTreeMap<Labels, Labels>>>,
}

/// What is inside of one window.
struct Window<'w> {
    samples: &'w [(i64, f64)],
    start_ms: i64,
    end_ms: i64,
    now_ms: i64,
}

fn ms(duration: &DurationArg) -> i64 {
    duration.fixed_ms().expect("durations are written out")
}

fn without_name(labels: &Labels) -> Labels {
    labels.without(&["__name__"])
}

impl<'d> Naive<'d> {
    pub(crate) fn new(data: &'d [Series], start_ms: i64, end_ms: i64) -> Self {
        Self { data, start_ms, end_ms, origins: RefCell::default() }
    }

    pub(crate) fn eval(&self, expr: &Expr, t_ms: i64) -> Result<Value, Refused> {
        match expr {
            Expr::Paren(paren) => self.eval(&paren.expr, t_ms),
            Expr::Number(number) => Ok(Value::Scalar(number.value)),
            Expr::Vector(selector) => Ok(Value::Vector(self.instant(selector, t_ms))),
            Expr::Unary(unary) => Ok(match (unary.op, self.eval(&unary.expr, t_ms)?) {
                (UnaryOp::Plus, value) => value,
                (UnaryOp::Minus, Value::Scalar(v)) => Value::Scalar(-v),
                (UnaryOp::Minus, Value::Vector(all)) => {
                    Value::Vector(distinct(all.into_iter().map(|(l, v)| (without_name(&l), -v)))?)
                }
            }),
            Expr::Call(call) => self.call(call, t_ms),
            Expr::Aggregate(node) => self.aggregate(node, t_ms).map(Value::Vector),
            Expr::Binary(node) => self.binary(node, t_ms),
            Expr::Matrix(_) | Expr::Subquery(_) | Expr::String(_) => panic!("no such argument"),
        }
    }

    pub(crate) fn vector(&self, expr: &Expr, t_ms: i64) -> Result<Vec<(Labels, f64)>, Refused> {
        match self.eval(expr, t_ms)? {
            Value::Vector(all) => Ok(all),
            Value::Scalar(v) => Ok(vec![(Labels::empty(), v)]),
        }
    }

    fn scalar(&self, expr: &Expr, t_ms: i64) -> Result<f64, Refused> {
        match self.eval(expr, t_ms)? {
            Value::Scalar(v) => Ok(v),
            Value::Vector(_) => panic!("{expr:?} is no scalar"),
        }
    }

    fn moved(&self, at: Option<At>, offset: &DurationArg, t_ms: i64) -> i64 {
        let t_ms = match at {
            None => t_ms,
            Some(At::TimestampMs(at)) => at,
            Some(At::Start) => self.start_ms,
            Some(At::End) => self.end_ms,
        };
        t_ms - ms(offset)
    }

    fn matching<'a>(
        &'a self,
        matchers: &'a [LabelMatcher],
    ) -> impl Iterator<Item = &'a Series> + 'a {
        self.data.iter().filter(move |(labels, _)| {
            matchers.iter().all(|m| {
                let (own, wanted) =
                    (labels.get(&m.name).unwrap_or_default(), m.value.to_string_lossy());
                match m.op {
                    MatchOp::Eq => own == wanted,
                    MatchOp::Ne => own != wanted,
                    // The expressions use alternatives of plain words only.
                    MatchOp::Re => wanted.split('|').any(|word| word == own),
                    MatchOp::Nre => wanted.split('|').all(|word| word != own),
                }
            })
        })
    }

    fn instant(&self, selector: &VectorSelector, t_ms: i64) -> Vec<(Labels, f64)> {
        let t_ms = self.moved(selector.at, &selector.offset, t_ms);
        let newest = |samples: &[(i64, f64)]| {
            let last = samples.iter().rfind(|(t, _)| *t <= t_ms)?;
            (last.0 > t_ms - LOOKBACK_MS && !model::is_stale(last.1)).then_some(last.1)
        };
        let found = self.matching(&selector.matchers);
        found.filter_map(|(labels, s)| Some((labels.clone(), newest(s)?))).collect()
    }

    /// The samples of every series in the window that ends at `t_ms`.
    fn windows(&self, range: &Expr, t_ms: i64) -> Result<(Vec<Series>, i64, i64), Refused> {
        match range {
            Expr::Paren(paren) => self.windows(&paren.expr, t_ms),
            Expr::Matrix(MatrixSelector { selector, range, .. }) => {
                let end = self.moved(selector.at, &selector.offset, t_ms);
                let start = end - ms(range);
                let inside = |(labels, samples): &Series| {
                    let kept = samples
                        .iter()
                        .copied()
                        .filter(|(t, v)| *t > start && *t <= end && !model::is_stale(*v));
                    (labels.clone(), kept.collect())
                };
                Ok((self.matching(&selector.matchers).map(inside).collect(), start, end))
            }
            Expr::Subquery(subquery) => self.steps_of(subquery, t_ms),
            _ => panic!("{range:?} is no range vector"),
        }
    }

    fn steps_of(&self, subquery: &Subquery, t_ms: i64) -> Result<(Vec<Series>, i64, i64), Refused> {
        let end = self.moved(subquery.at, &subquery.offset, t_ms);
        let start = end - ms(&subquery.range);
        let step = subquery.step.as_ref().map_or(SUBQUERY_STEP_MS, ms);
        let mut all: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
        let mut at = start.div_euclid(step) * step + step;
        while at <= end {
            for (labels, v) in self.vector(&subquery.expr, at)? {
                all.entry(labels).or_default().push((at, v));
            }
            at += step;
        }
        Ok((all.into_iter().collect(), start, end))
    }

    fn call(&self, call: &Call, t_ms: i64) -> Result<Value, Refused> {
        let name = call.function.name;
        match name {
            "time" => return Ok(Value::Scalar(t_ms as f64 / 1000.0)),
            "vector" => {
                let v = self.scalar(&call.args[0], t_ms)?;
                return Ok(Value::Vector(vec![(Labels::empty(), v)]));
            }
            "scalar" => {
                let all = self.vector(&call.args[0], t_ms)?;
                return Ok(Value::Scalar(if all.len() == 1 { all[0].1 } else { f64::NAN }));
            }
            _ => {}
        }
        if let Some(f) = of_value(name) {
            let all = self.vector(&call.args[0], t_ms)?.into_iter();
            return Ok(Value::Vector(distinct(all.map(|(l, v)| (without_name(&l), f(v))))?));
        }
        let is_range =
            |arg: &&Expr| matches!(arg.without_parens(), Expr::Matrix(_) | Expr::Subquery(_));
        let range = call.args.iter().find(is_range).expect("a range function");
        let parameter = match call.args.iter().find(|arg| !is_range(arg)) {
            Some(arg) => self.scalar(arg, t_ms)?,
            None => f64::NAN,
        };
        let (series, start_ms, end_ms) = self.windows(range, t_ms)?;
        let keeps_name = matches!(name, "last_over_time" | "first_over_time");
        let results = series.iter().filter_map(|(labels, samples)| {
            let window = Window { samples, start_ms, end_ms, now_ms: t_ms };
            let v = over_window(name, &window, parameter)?;
            Some((labels, if keeps_name { labels.clone() } else { without_name(labels) }, v))
        });
        let mut origins = self.origins.borrow_mut();
        let origins = origins.entry(std::ptr::from_ref(call)).or_default();
        let mut out = Vec::new();
        for (from, labels, v) in results {
            if origins.entry(labels.clone()).or_insert_with(|| from.clone()) != from {
                return Err(Refused);
            }
            out.push((labels, v));
        }
        Ok(Value::Vector(out))
    }

    fn aggregate(&self, node: &Aggregate, t_ms: i64) -> Result<Vec<(Labels, f64)>, Refused> {
        let parameter = match &node.param {
            Some(param) => self.scalar(param, t_ms)?,
            None => f64::NAN,
        };
        let names: Vec<&str> = node.grouping.iter().map(String::as_str).collect();
        let mut groups: BTreeMap<Labels, Vec<(Labels, f64)>> = BTreeMap::new();
        for (labels, v) in self.vector(&node.expr, t_ms)? {
            let key = if node.without {
                without_name(&labels.without(&names))
            } else {
                labels.only(&names)
            };
            groups.entry(key).or_default().push((labels, v));
        }
        let mut out = Vec::new();
        for (key, mut members) in groups {
            let values: Vec<f64> = members.iter().map(|(_, v)| *v).collect();
            let sum = values.iter().sum::<f64>();
            let count = values.len() as f64;
            let v = match node.op {
                AggregateOp::Topk | AggregateOp::Bottomk => {
                    let turn = if node.op == AggregateOp::Topk { -1.0 } else { 1.0 };
                    members.sort_by(|(_, a), (_, b)| (turn * a).total_cmp(&(turn * b)));
                    members.truncate(parameter.max(0.0) as usize);
                    out.extend(members);
                    continue;
                }
                AggregateOp::Sum => sum,
                AggregateOp::Avg => sum / count,
                AggregateOp::Count => count,
                AggregateOp::Group => 1.0,
                AggregateOp::Min => least(&values),
                AggregateOp::Max => -least(&values.iter().map(|v| -v).collect::<Vec<_>>()),
                AggregateOp::Stdvar => variance(&values),
                AggregateOp::Stddev => variance(&values).sqrt(),
                AggregateOp::Quantile => quantile(parameter, &values),
                _ => panic!("{:?} is not written", node.op),
            };
            out.push((key, v));
        }
        Ok(out)
    }

    fn binary(&self, node: &Binary, t_ms: i64) -> Result<Value, Refused> {
        let (left, right) = (self.eval(&node.lhs, t_ms)?, self.eval(&node.rhs, t_ms)?);
        let one = |(labels, kept): (&Labels, f64), a: f64, b: f64| {
            let (v, holds) = apply(node.op, a, b);
            match (v, node.return_bool) {
                (Some(v), _) => Some((without_name(labels), v)),
                (None, true) => Some((without_name(labels), f64::from(u8::from(holds)))),
                (None, false) => holds.then(|| (labels.clone(), kept)),
            }
        };
        let all: Vec<(Labels, f64)> = match (&left, &right) {
            (Value::Scalar(a), Value::Scalar(b)) => {
                let (v, holds) = apply(node.op, *a, *b);
                return Ok(Value::Scalar(v.unwrap_or(f64::from(u8::from(holds)))));
            }
            (Value::Vector(all), Value::Scalar(b)) => {
                all.iter().filter_map(|(l, v)| one((l, *v), *v, *b)).collect()
            }
            (Value::Scalar(a), Value::Vector(all)) => {
                all.iter().filter_map(|(l, v)| one((l, *v), *a, *v)).collect()
            }
            (Value::Vector(left), Value::Vector(right)) => {
                let matching = node.matching.as_ref().expect("vectors are matched");
                return pairs(node, matching, left, right).map(Value::Vector);
            }
        };
        Ok(Value::Vector(distinct(all)?))
    }
}

/// The labels by which elements find each other.
fn signature(matching: &VectorMatching, labels: &Labels) -> Labels {
    let names: Vec<&str> = matching.labels.iter().map(String::as_str).collect();
    if matching.on { labels.only(&names) } else { without_name(&labels.without(&names)) }
}

fn pairs(
    node: &Binary,
    matching: &VectorMatching,
    left: &[(Labels, f64)],
    right: &[(Labels, f64)],
) -> Result<Vec<(Labels, f64)>, Refused> {
    let key = |labels: &Labels| signature(matching, labels);
    if node.op.is_set() {
        let of = |side: &[(Labels, f64)]| side.iter().map(|(l, _)| key(l)).collect::<BTreeSet<_>>();
        let (lefts, rights) = (of(left), of(right));
        let kept = left.iter().filter(|(l, _)| match node.op {
            BinaryOp::And => rights.contains(&key(l)),
            BinaryOp::Unless => !rights.contains(&key(l)),
            _ => true,
        });
        let more =
            right.iter().filter(|(l, _)| node.op == BinaryOp::Or && !lefts.contains(&key(l)));
        return Ok(kept.chain(more).cloned().collect());
    }
    let mut out = Vec::new();
    let mut used = BTreeSet::new();
    if left.is_empty() || right.is_empty() {
        return Ok(out);
    }
    for (i, (r, _)) in right.iter().enumerate() {
        if right[..i].iter().any(|(other, _)| key(other) == key(r)) {
            return Err(Refused);
        }
    }
    for (l, a) in left {
        let Some((r, b)) = right.iter().find(|(r, _)| key(r) == key(l)) else { continue };
        if matching.cardinality == Cardinality::OneToOne && !used.insert(key(l)) {
            return Err(Refused);
        }
        let (computed, holds) = apply(node.op, *a, *b);
        let v = match (computed, node.return_bool, holds) {
            (Some(v), ..) => v,
            (None, true, holds) => f64::from(u8::from(holds)),
            (None, false, true) => *a,
            (None, false, false) => continue,
        };
        let drops = computed.is_some() || node.return_bool;
        let named = if drops { without_name(l) } else { l.clone() };
        let labels = if matching.cardinality == Cardinality::OneToOne {
            let names: Vec<&str> = matching.labels.iter().map(String::as_str).collect();
            if matching.on { named.only(&names) } else { named.without(&names) }
        } else {
            let mut pairs: BTreeMap<&str, &str> = named.iter().collect();
            for name in &matching.include {
                match r.get(name) {
                    Some(value) => pairs.insert(name, value),
                    None => pairs.remove(name.as_str()),
                };
            }
            Labels::from_pairs(pairs)
        };
        out.push((labels, v));
    }
    distinct(out)
}

/// The result of arithmetic, or whether a comparison holds.
fn apply(op: BinaryOp, a: f64, b: f64) -> (Option<f64>, bool) {
    let v = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Mod => a % b,
        BinaryOp::Pow => a.powf(b),
        BinaryOp::Atan2 => a.atan2(b),
        BinaryOp::Eq => return (None, a == b),
        BinaryOp::Ne => return (None, a != b),
        BinaryOp::Lt => return (None, a < b),
        BinaryOp::Le => return (None, a <= b),
        BinaryOp::Gt => return (None, a > b),
        BinaryOp::Ge => return (None, a >= b),
        _ => panic!("{op:?} is not written"),
    };
    (Some(v), true)
}

fn distinct(all: impl IntoIterator<Item = (Labels, f64)>) -> Result<Vec<(Labels, f64)>, Refused> {
    let all: Vec<(Labels, f64)> = all.into_iter().collect();
    let labels: BTreeSet<&Labels> = all.iter().map(|(labels, _)| labels).collect();
    if labels.len() == all.len() { Ok(all) } else { Err(Refused) }
}

fn of_value(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "sqrt" => f64::sqrt,
        "ln" => f64::ln,
        "sgn" => |v| if v == 0.0 || v.is_nan() { v } else { v.signum() },
        _ => return None,
    })
}

/// NaN only when there is nothing else.
fn least(values: &[f64]) -> f64 {
    let numbers = values.iter().copied().filter(|v| !v.is_nan());
    numbers.reduce(f64::min).unwrap_or(f64::NAN)
}

fn variance(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count
}

fn quantile(q: f64, values: &[f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| {
        b.is_nan().cmp(&a.is_nan()).then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
    });
    let rank = q * (sorted.len() - 1) as f64;
    let (low, weight) = (rank.floor() as usize, rank - rank.floor());
    if weight == 0.0 {
        return sorted[low];
    }
    sorted[low] * (1.0 - weight) + sorted[low + 1] * weight
}

fn over_window(name: &str, window: &Window<'_>, parameter: f64) -> Option<f64> {
    let samples = window.samples;
    let values: Vec<f64> = samples.iter().map(|(_, v)| *v).collect();
    let count_pairs = |differs: fn(f64, f64) -> bool| {
        values.windows(2).filter(|pair| differs(pair[0], pair[1])).count() as f64
    };
    let (first, last) = (samples.first()?, samples.last()?);
    let count = values.len() as f64;
    Some(match name {
        "sum_over_time" => values.iter().sum(),
        "avg_over_time" => values.iter().sum::<f64>() / count,
        "count_over_time" => count,
        "min_over_time" => least(&values),
        "max_over_time" => -least(&values.iter().map(|v| -v).collect::<Vec<_>>()),
        "last_over_time" => last.1,
        "first_over_time" => first.1,
        "present_over_time" => 1.0,
        "stdvar_over_time" => variance(&values),
        "stddev_over_time" => variance(&values).sqrt(),
        "quantile_over_time" => quantile(parameter, &values),
        "changes" => count_pairs(|a, b| a != b && !(a.is_nan() && b.is_nan())),
        "resets" => count_pairs(|a, b| b < a),
        "rate" | "increase" | "delta" => return extrapolated(name, window),
        "irate" | "idelta" => {
            let [.., before, last] = samples else { return None };
            let reset = name == "irate" && last.1 < before.1;
            let change = if reset { last.1 } else { last.1 - before.1 };
            let seconds = (last.0 - before.0) as f64 / 1000.0;
            if name == "irate" { change / seconds } else { change }
        }
        "deriv" | "predict_linear" => {
            if samples.len() < 2 {
                return None;
            }
            let origin = if name == "deriv" { first.0 } else { window.now_ms };
            let (slope, intercept) = line(samples, origin);
            if name == "deriv" { slope } else { intercept + slope * parameter }
        }
        "integral" => integral(samples, parameter),
        _ => panic!("{name} is not written"),
    })
}

/// Value-seconds; without a parameter by trapezoids.
fn integral(samples: &[(i64, f64)], rule: f64) -> f64 {
    let number = |v: f64| if v.is_nan() { 0.0 } else { v };
    let pairs = samples.windows(2).map(|pair| {
        let (from, to) = (number(pair[0].1), number(pair[1].1));
        let seconds = (pair[1].0 - pair[0].0) as f64 / 1000.0;
        let height = match rule {
            0.0 => from,
            1.0 => to,
            _ => f64::midpoint(from, to),
        };
        height * seconds
    });
    pairs.sum()
}

/// Least squares: slope per second, and value at the origin.
fn line(samples: &[(i64, f64)], origin_ms: i64) -> (f64, f64) {
    let first = samples[0].1;
    if samples.iter().all(|(_, v)| *v == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let n = samples.len() as f64;
    let x = |t: i64| (t - origin_ms) as f64 / 1000.0;
    if samples.iter().any(|(_, v)| !v.is_finite()) {
        // What becomes of infinity depends on the formula: the reference's.
        let sum = |of: &dyn Fn(f64, f64) -> f64| samples.iter().map(|(t, v)| of(x(*t), *v)).sum();
        let (x_sum, y_sum): (f64, f64) = (sum(&|x, _| x), sum(&|_, y| y));
        let (xy, xx): (f64, f64) = (sum(&|x, y| x * y), sum(&|x, _| x * x));
        let slope = (xy - x_sum * y_sum / n) / (xx - x_sum * x_sum / n);
        return (slope, y_sum / n - slope * x_sum / n);
    }
    let x_mean = samples.iter().map(|(t, _)| x(*t)).sum::<f64>() / n;
    let y_mean = samples.iter().map(|(_, v)| *v).sum::<f64>() / n;
    let products = samples.iter().map(|(t, v)| (x(*t) - x_mean) * (v - y_mean));
    let squares = samples.iter().map(|(t, _)| (x(*t) - x_mean) * (x(*t) - x_mean));
    let slope = products.sum::<f64>() / squares.sum::<f64>();
    (slope, y_mean - slope * x_mean)
}

fn extrapolated(name: &str, window: &Window<'_>) -> Option<f64> {
    let [first, .., last] = window.samples else { return None };
    let is_counter = name != "delta";
    let mut change = last.1 - first.1;
    for pair in window.samples.windows(2) {
        if is_counter && pair[1].1 < pair[0].1 {
            change += pair[0].1;
        }
    }
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let sampled = seconds(last.0 - first.0);
    let average = sampled / (window.samples.len() - 1) as f64;
    let threshold = average * 1.1;
    let mut to_start = seconds(first.0 - window.start_ms);
    let mut to_end = seconds(window.end_ms - last.0);
    if to_start >= threshold {
        to_start = average / 2.0;
    }
    if is_counter && change > 0.0 && first.1 >= 0.0 {
        // A counter starts at zero.
        to_start = to_start.min(sampled * (first.1 / change));
    }
    if to_end >= threshold {
        to_end = average / 2.0;
    }
    let total = change * (sampled + to_start + to_end) / sampled;
    Some(if name == "rate" { total / seconds(window.end_ms - window.start_ms) } else { total })
}
