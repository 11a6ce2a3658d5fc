//! Drivers: run a scenario over many seeds and many lives of one simulated machine.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::SimPlatform;
use crate::faults::{Crash, Faults};

/// A store under test together with the model of what it must remember.
///
/// A life is: open the store on `sim`, compare what it recovered with the model, then work until
/// the script ends or an operation fails because the machine has crashed
/// ([`SimPlatform::is_crashed`]).
pub trait Scenario {
    fn live(&mut self, sim: &SimPlatform);

    /// Called between two lives, before anything is read back: the moment to lower what the model
    /// demands to what such a crash must leave.
    fn crashed(&mut self, crash: Crash, sim: &SimPlatform);
}

/// How [`drive`] treats the machine.
#[derive(Clone, Copy, Debug)]
pub struct DriveOptions {
    /// Lives that end in a crash; a last, quiet one follows for the final check.
    pub lives: u32,
    /// A life's crash comes before this many changing operations.
    pub ops_max: u64,
    /// Syncs may lie. Check [`SimPlatform::has_lied`] before demanding durability.
    pub lying: bool,
}

impl Default for DriveOptions {
    fn default() -> Self {
        Self { lives: 4, ops_max: 120, lying: false }
    }
}

/// Runs `scenario` through `options.lives` lives with faults, crashes and clock jumps chosen by
/// `seed`, and one quiet life at the end.
pub fn drive(seed: u64, options: DriveOptions, scenario: &mut dyn Scenario) {
    let sim = SimPlatform::new(seed);
    let mut rng = sim.fork_rng();
    for _ in 0..options.lives {
        let faults =
            if options.lying { Faults::draw_lying(&mut rng) } else { Faults::draw(&mut rng) };
        sim.set_faults(faults);
        sim.crash_after(1 + rng.below(options.ops_max));
        scenario.live(&sim);
        let crash = if rng.coin() { Crash::Process } else { Crash::PowerLoss };
        sim.set_faults(Faults::NONE);
        sim.reopen(crash);
        sim.clock().advance(Duration::from_millis(rng.below(100_000)));
        if rng.chance(3) {
            sim.clock().jump_ms(rng.below(7_200_000) as i64 - 3_600_000);
        }
        scenario.crashed(crash, &sim);
    }
    scenario.live(&sim);
}

/// Calls `run` for every seed of `default`, or for those of the variable `ORRERY_SIM_SEEDS`
/// (`17` or `100..300`), on all cores, and names the first seed that panics.
pub fn for_each_seed(default: Range<u64>, run: impl Fn(u64) + Sync) {
    #[expect(clippy::disallowed_methods, reason = "a knob of the test tool, not of the product")]
    let wanted = std::env::var("ORRERY_SIM_SEEDS").ok();
    let seeds = wanted.as_deref().and_then(parse_seeds).unwrap_or(default);
    let next = AtomicU64::new(seeds.start);
    let failed: Mutex<BTreeMap<u64, String>> = Mutex::default();
    let work = || {
        while failed.lock().is_empty() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(seed))) {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                failed.lock().insert(seed, text.unwrap_or("panic").to_owned());
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let count = usize::try_from(seeds.end.saturating_sub(seeds.start)).unwrap_or(cores);
    std::thread::scope(|threads| {
        for _ in 0..cores.min(count) {
            threads.spawn(work);
        }
    });
    if let Some((seed, text)) = failed.into_inner().pop_first() {
        panic!("seed {seed} failed (repeat with ORRERY_SIM_SEEDS={seed}): {text}");
    }
}

fn parse_seeds(text: &str) -> Option<Range<u64>> {
    match text.split_once("..") {
        Some((start, end)) => Some(start.trim().parse().ok()?..end.trim().parse().ok()?),
        None => text.trim().parse::<u64>().ok().map(|seed| seed..seed + 1),
    }
}
