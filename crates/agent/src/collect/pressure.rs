//! Pressure stall information: how long tasks waited for CPU, memory, I/O and interrupts.

use std::io;

use crate::page::{Kind, Page};
use crate::source::{Roots, number};

struct Family {
    file: &'static str,
    /// `some` counts time in which at least one task waited, `full` in which all did.
    line: &'static str,
    name: &'static str,
    help: &'static str,
}

const FAMILIES: [Family; 6] = [
    Family {
        file: "cpu",
        line: "some",
        name: "node_pressure_cpu_waiting_seconds_total",
        help: "Time in which some task waited for a CPU.",
    },
    Family {
        file: "io",
        line: "some",
        name: "node_pressure_io_waiting_seconds_total",
        help: "Time in which some task waited for I/O.",
    },
    Family {
        file: "io",
        line: "full",
        name: "node_pressure_io_stalled_seconds_total",
        help: "Time in which no task could go on because of I/O.",
    },
    Family {
        file: "memory",
        line: "some",
        name: "node_pressure_memory_waiting_seconds_total",
        help: "Time in which some task waited for memory.",
    },
    Family {
        file: "memory",
        line: "full",
        name: "node_pressure_memory_stalled_seconds_total",
        help: "Time in which no task could go on because of memory.",
    },
    Family {
        file: "irq",
        line: "full",
        name: "node_pressure_irq_stalled_seconds_total",
        help: "Time in which no task could go on because of interrupts.",
    },
];

/// Fails only if the kernel shows no pressure at all; older ones lack `irq`.
pub(crate) fn pressure(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let mut found = false;
    let mut failure = None;
    for family in &FAMILIES {
        let text = match roots.read_proc(&format!("pressure/{}", family.file)) {
            Ok(text) => text,
            Err(error) => {
                failure = Some(error);
                continue;
            }
        };
        if let Some(micros) = total(&text, family.line) {
            page.single(family.name, Kind::Counter, family.help, micros / 1e6);
            found = true;
        }
    }
    match failure {
        Some(error) if !found => Err(error),
        _ => Ok(()),
    }
}

/// The microseconds behind `total=` in the line that starts with `which`.
fn total(text: &str, which: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(' '))?;
    line.split_ascii_whitespace().find_map(|word| number(word.strip_prefix("total=")?))
}
