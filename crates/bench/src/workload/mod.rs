//! The workloads, generated from a fixed seed: what is sent, in which order.

mod churn;
mod histograms;
mod late;
mod node;
mod node_families;
mod random;
mod recorded;
mod tsbs;

use std::path::Path;

use clap::ValueEnum;

use crate::wire::Point;

/// Which of the workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Hosts with ten gauges each, as in the `cpu-only` case of TSBS devops
    M1,
    /// Targets with node-exporter-like series, three quarters of them constant
    M2,
    /// Pods with thirty labels of about 1 KB, a tenth of them replaced every ten minutes
    M3,
    /// Native histograms with exemplars
    M4,
    /// M1 with a twentieth of the samples up to an hour late, and a day of some hosts afterwards
    M5,
}

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Hosts or targets; with M3 tens of pods' series.
    pub(crate) targets: usize,
    pub(crate) rounds: usize,
    pub(crate) interval_ms: i64,
    /// Time of the first round.
    pub(crate) start_ms: i64,
}

impl Shape {
    /// Time of the round of that number, without a target's own phase.
    pub(crate) fn round_ms(&self, round: usize) -> i64 {
        self.start_ms + round as i64 * self.interval_ms
    }

    /// When the last round is over.
    pub(crate) fn end_ms(&self) -> i64 {
        self.round_ms(self.rounds)
    }

    /// Targets are not scraped at the same instant.
    fn phase_ms(&self, target: usize) -> i64 {
        (target as i64 * 7_919) % self.interval_ms
    }
}

/// Yields samples round by round.
pub(crate) trait Source {
    /// Emits the samples of the next round with the number of their target.
    fn round(&mut self, number: usize, emit: &mut dyn FnMut(usize, &Point<'_>));

    /// What comes after the last round.
    fn finish(&mut self, _emit: &mut dyn FnMut(usize, &Point<'_>)) {}

    /// The metric names it uses.
    fn metric_names(&self) -> Vec<String>;

    /// Series that had a sample in the last round, and series altogether.
    fn series(&self) -> (usize, usize);
}

impl Name {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::M1 => "M1 TSBS cpu-only",
            Self::M2 => "M2 node exporter",
            Self::M3 => "M3 churn",
            Self::M4 => "M4 native histograms",
            Self::M5 => "M5 late samples and backfill",
        }
    }

    pub(crate) const fn default_interval_s(self) -> u32 {
        match self {
            Self::M1 | Self::M5 => 10,
            Self::M2 | Self::M4 => 15,
            Self::M3 => 60,
        }
    }

    pub(crate) fn source(self, shape: Shape) -> Box<dyn Source> {
        match self {
            Self::M1 => Box::new(tsbs::Hosts::new(shape)),
            Self::M2 => Box::new(node::Targets::new(shape)),
            Self::M3 => Box::new(churn::Pods::new(shape)),
            Self::M4 => Box::new(histograms::Services::new(shape)),
            Self::M5 => Box::new(late::Late::new(shape)),
        }
    }

    /// M2 with the values of a recording. Errors: it is for M2 only, and has to be one.
    pub(crate) fn recorded(
        self,
        recording: &Path,
        shape: Shape,
    ) -> anyhow::Result<Box<dyn Source>> {
        if self != Self::M2 {
            anyhow::bail!("a recording takes the place of the values of m2");
        }
        Ok(Box::new(recorded::Replay::read(recording, shape)?))
    }

    /// How far back samples come after newer ones of the same series, in milliseconds.
    pub(crate) const fn out_of_order_ms(self) -> i64 {
        match self {
            Self::M5 => late::BACKFILL_MS + late::LATE_MAX_MS,
            _ => 0,
        }
    }
}
