//! M5: what M1 sends, but a twentieth of the samples up to an hour late, and the day before of
//! every twentieth host at the end.

use super::random::Random;
use super::tsbs::Hosts;
use super::{Shape, Source, tsbs};
use crate::wire::{Labels, Point};

pub(super) const LATE_MAX_MS: i64 = 3_600_000;
pub(super) const BACKFILL_MS: i64 = 86_400_000;
const LATE_PERCENT: u64 = 5;
const BACKFILLED_EVERY: usize = 20;

struct Held {
    host: usize,
    labels: Labels,
    t_ms: i64,
    v: f64,
}

pub(super) struct Late {
    shape: Shape,
    hosts: Hosts,
    random: Random,
    /// Samples by the round in which they leave; the last holds what is later than the end.
    held: Vec<Vec<Held>>,
}

impl Late {
    pub(super) fn new(shape: Shape) -> Self {
        let held = (0..=shape.rounds).map(|_| Vec::new()).collect();
        Self { shape, hosts: Hosts::new(shape), random: Random::new(5), held }
    }
}

fn emit_all(held: Vec<Held>, emit: &mut dyn FnMut(usize, &Point<'_>)) {
    for one in held {
        emit(one.host, &Point::float(&one.labels, one.t_ms, one.v));
    }
}

impl Source for Late {
    fn round(&mut self, number: usize, emit: &mut dyn FnMut(usize, &Point<'_>)) {
        if let Some(held) = self.held.get_mut(number) {
            emit_all(std::mem::take(held), emit);
        }
        let shape = self.shape;
        let delay_max = (LATE_MAX_MS / shape.interval_ms).max(1) as u64;
        let (random, held) = (&mut self.random, &mut self.held);
        self.hosts.values(|host, labels, v| {
            let t_ms = shape.round_ms(number) + shape.phase_ms(host);
            if random.percent(LATE_PERCENT) {
                let leaves = number + 1 + random.below(delay_max) as usize;
                let last = held.len() - 1;
                held[leaves.min(last)].push(Held { host, labels: labels.clone(), t_ms, v });
            } else {
                emit(host, &Point::float(labels, t_ms, v));
            }
        });
    }

    fn finish(&mut self, emit: &mut dyn FnMut(usize, &Point<'_>)) {
        emit_all(self.held.last_mut().map(std::mem::take).unwrap_or_default(), emit);
        let shape = self.shape;
        for round in 0..BACKFILL_MS / shape.interval_ms {
            let t_ms = shape.start_ms - BACKFILL_MS + round * shape.interval_ms;
            self.hosts.values(|host, labels, v| {
                if host % BACKFILLED_EVERY == 0 {
                    emit(host, &Point::float(labels, t_ms + shape.phase_ms(host), v));
                }
            });
        }
    }

    fn metric_names(&self) -> Vec<String> {
        tsbs::metric_names()
    }

    fn series(&self) -> (usize, usize) {
        self.hosts.series()
    }
}
