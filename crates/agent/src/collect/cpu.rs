//! CPU time by core and mode, from `/proc/stat`.

use std::collections::HashMap;
use std::io;

use crate::page::{Kind, Page};
use crate::source::{Roots, malformed, number};

/// Ticks a second in `/proc/stat`: part of the kernel's interface to programs, not of its
/// configuration.
const TICKS_PER_SECOND: f64 = 100.0;

/// The columns of a `cpu` line in order; the last two are part of user and nice time and get a
/// family of their own.
const MODES: [&str; 10] =
    ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"];
const IDLE: usize = 3;

/// Idle time further back than this means the core was taken out and put back, not a rounding
/// error of the kernel.
const IDLE_STEP_BACK_SECONDS_MAX: f64 = 3.0;

type Times = [f64; MODES.len()];

/// Remembers the last page, because the kernel's idle and waiting times may step back a little
/// and a counter must not.
#[derive(Debug, Default)]
pub(crate) struct Cpu {
    last: HashMap<String, Times>,
}

impl Cpu {
    pub(crate) fn collect(&mut self, roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
        let text = roots.read_proc("stat")?;
        let mut cores = Vec::new();
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            let core = words.next().and_then(|word| word.strip_prefix("cpu"));
            // The line without a number is the sum of the others.
            let Some(core) = core.filter(|core| !core.is_empty()) else { continue };
            let mut times = Times::default();
            for (time, word) in times.iter_mut().zip(words) {
                *time = number(word).ok_or_else(|| malformed("/proc/stat"))? / TICKS_PER_SECOND;
            }
            let last = self.last.get(core).copied().unwrap_or_default();
            cores.push((core, never_falling(&last, times)));
        }
        if cores.is_empty() {
            return Err(malformed("/proc/stat"));
        }
        self.last = cores.iter().map(|(core, times)| ((*core).to_owned(), *times)).collect();

        page.family("node_cpu_seconds_total", Kind::Counter, "CPU time spent in each mode.");
        for (core, times) in &cores {
            for (mode, seconds) in MODES.iter().zip(times).take(8) {
                page.sample(&[("cpu", core), ("mode", mode)], *seconds);
            }
        }
        page.family(
            "node_cpu_guest_seconds_total",
            Kind::Counter,
            "CPU time spent running virtual machines; also part of user and nice time.",
        );
        for (core, times) in &cores {
            for (mode, seconds) in ["user", "nice"].iter().zip(&times[8..]) {
                page.sample(&[("cpu", core), ("mode", mode)], *seconds);
            }
        }
        Ok(())
    }
}

fn never_falling(last: &Times, now: Times) -> Times {
    if last[IDLE] - now[IDLE] > IDLE_STEP_BACK_SECONDS_MAX {
        return now;
    }
    let mut times = now;
    for (time, last) in times.iter_mut().zip(last) {
        *time = time.max(*last);
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_fall_only_when_a_core_was_replaced() {
        let times = |idle: f64, iowait: f64| {
            let mut times = Times::default();
            times[IDLE] = idle;
            times[IDLE + 1] = iowait;
            times
        };
        let table = [
            (times(0.0, 0.0), times(10.0, 1.0), times(10.0, 1.0)),
            (times(10.0, 1.0), times(9.5, 0.5), times(10.0, 1.0)),
            (times(10.0, 1.0), times(11.0, 0.5), times(11.0, 1.0)),
            (times(10.0, 1.0), times(1.0, 0.5), times(1.0, 0.5)),
        ];
        for (last, now, want) in table {
            assert_eq!(never_falling(&last, now), want, "{last:?} {now:?}");
        }
    }
}
