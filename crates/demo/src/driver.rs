//! What moves the series: a few hundred functions of time, each computed once per moment. Every
//! series is a sum over them, so that what belongs together (requests, their errors, their
//! duration) fits together.

use crate::curve::{Curve, drift, wobble};
use crate::incident::Incident;

/// What arrives: mean per second, its curve and noise, and whose beginning sets the count to 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) seed: u64,
    pub(crate) rate: f64,
    pub(crate) curve: Curve,
    pub(crate) restart: Incident,
}

/// A share of something while an incident lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effect {
    pub(crate) incident: Incident,
    pub(crate) share: f64,
}

#[derive(Clone, Debug)]
pub(crate) enum Driver {
    /// A counter since the last restart: the share `always` of the traffic, and more of it during
    /// incidents. Flows of one traffic never contradict each other. A part has `noise` of its
    /// own, by its seed, so that shares are not constants.
    Flow { traffic: Traffic, always: f64, noise: Option<u64>, during: Vec<Effect> },
    /// A gauge: `base`, of which the part `follows` goes with the curve, times what incidents do
    /// to it, with noise as a part of it; within `floor` and `ceiling`.
    Level(Level),
    /// 1 while the incident lasts, otherwise 0.
    Active(Incident),
    /// 1 from `after` seconds into the incident until its end.
    Later { incident: Incident, after: f64 },
    /// 0 while one of them lasts, otherwise 1.
    Well(Vec<Incident>),
    /// Rises from 0 to 1 between two beginnings, as a disk that is cleared now and then.
    Filling(Incident),
    /// When the last one began, Unix seconds.
    Began(Incident),
    /// Seconds since then.
    Since(Incident),
    /// How many there have been, from a thousand on.
    Count(Incident),
    /// Unix seconds.
    Now,
}

#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) seed: u64,
    pub(crate) base: f64,
    pub(crate) follows: f64,
    pub(crate) curve: Curve,
    pub(crate) noise: f64,
    pub(crate) period: f64,
    pub(crate) effects: Vec<Effect>,
    pub(crate) floor: f64,
    pub(crate) ceiling: f64,
}

impl Driver {
    /// The values at `times`, Unix seconds in ascending order, appended to `out`.
    pub(crate) fn row(&self, times: &[f64], out: &mut Vec<f64>) {
        match self {
            Self::Flow { traffic, always, noise, during } => {
                flow(traffic, (*always, *noise), during, times, out);
            }
            _ => out.extend(times.iter().map(|t| self.at(*t))),
        }
    }

    fn at(&self, t: f64) -> f64 {
        match self {
            Self::Flow { .. } => {
                let mut one = Vec::with_capacity(1);
                self.row(&[t], &mut one);
                one[0]
            }
            Self::Level(level) => level.at(t),
            Self::Active(incident) => f64::from(u8::from(incident.active(t))),
            Self::Later { incident, after } => {
                f64::from(u8::from(incident.active(t) && incident.since(t) >= *after))
            }
            Self::Well(incidents) => f64::from(u8::from(!incidents.iter().any(|i| i.active(t)))),
            Self::Filling(incident) => {
                let n = incident.number(t);
                let (begin, next) = (incident.begin(n), incident.begin(n + 1));
                (t - begin) / (next - begin)
            }
            Self::Began(incident) => incident.begin(incident.number(t)),
            Self::Since(incident) => incident.since(t),
            Self::Count(incident) => (incident.number(t) % 1_000) as f64,
            Self::Now => t,
        }
    }
}

/// What an effect added since the restart, without its latest occurrence.
#[derive(Clone, Copy)]
struct Finished {
    began: f64,
    number: i64,
    sum: f64,
}

/// Cost per moment: one integral for the whole and for each effect under way. What is over is
/// summed up once, at a restart and at every new occurrence, always in the same order.
fn flow(
    traffic: &Traffic,
    (always, noise): (f64, Option<u64>),
    during: &[Effect],
    times: &[f64],
    out: &mut Vec<f64>,
) {
    let arrived = |t: f64| traffic.curve.arrived(traffic.seed, t);
    let usual = |t: f64| arrived(t) + noise.map_or(0.0, |seed| drift(seed, t));
    let between = |(begin, end): (f64, f64)| arrived(end) - arrived(begin);
    let mut restart = (f64::NAN, 0.0);
    let nothing = Finished { began: f64::NAN, number: 0, sum: 0.0 };
    let mut finished = vec![nothing; during.len()];
    for t in times {
        let began = traffic.restart.begin(traffic.restart.number(*t));
        if began != restart.0 {
            restart = (began, usual(began));
        }
        let mut sum = if always > 0.0 { always * (usual(*t) - restart.1) } else { 0.0 };
        for (effect, finished) in during.iter().zip(&mut finished) {
            let number = effect.incident.number(*t);
            let latest = effect.incident.begin(number).max(began);
            if finished.began != began || finished.number != number {
                let over = effect.incident.within(began, latest);
                *finished = Finished { began, number, sum: over.map(between).sum() };
            }
            let now = effect.incident.within(latest, *t).map(between).sum::<f64>();
            sum += effect.share * (finished.sum + now);
        }
        out.push(traffic.rate * sum);
    }
}

impl Level {
    fn at(&self, t: f64) -> f64 {
        let load = 1.0 - self.follows + self.follows * self.curve.at(t);
        let felt: f64 = self.effects.iter().map(|e| e.share * e.incident.felt(t)).sum();
        let noise = 1.0
            + self.noise * 0.6 * wobble(self.seed, t, self.period)
            + self.noise * 0.4 * wobble(self.seed ^ 1, t, self.period / 5.0);
        (self.base * load * (1.0 + felt) * noise).clamp(self.floor, self.ceiling)
    }
}
