//! The table of a workload's queries: CPU milliseconds of each server, and Orrery against the best
//! peer whose answer holds.

use super::compare::{exactly, roughly};
use super::{Answer, Asked, Query, Timing};
use crate::server::Kind;

/// A server's results, one for each query.
pub(crate) type Results = Vec<Result<Asked, String>>;

type Pick = fn(&Asked) -> Timing;
const PHASES: [(&str, Pick); 3] =
    [("cold", |asked| asked.cold), ("warm", |asked| asked.warm), ("hot", |asked| asked.hot)];

/// Prints a row for each query; under the table, every answer that does not hold.
pub(crate) fn print(queries: &[Query], all: &[(Kind, Results)]) {
    let columns: Vec<String> =
        all.iter().map(|(kind, _)| format!(" {} cold · warm · hot |", kind.name())).collect();
    println!("\nServer CPU ms (wall ms) for each query. Ratio: best peer's CPU / Orrery's.\n");
    println!("| query | answer |{} ratio cold · warm · hot |", columns.concat());
    println!("|{}", " --- |".repeat(all.len() + 3));
    let mut notes = Vec::new();
    for (i, query) in queries.iter().enumerate() {
        let reference = reference(all, i);
        let size = reference.map_or_else(|| "–".to_owned(), |(_, asked)| asked.answers[1].size());
        let mut row = format!("| {} | {size} |", query.id);
        let mut holding: Vec<(Kind, &Asked)> = Vec::new();
        for (kind, results) in all {
            let verdict = match &results[i] {
                Ok(asked) => holds(*kind, asked, reference).map(|()| asked),
                Err(message) => Err(message.clone()),
            };
            match verdict {
                Ok(asked) => {
                    row.push_str(&cell(asked));
                    holding.push((*kind, asked));
                }
                Err(message) => {
                    row.push_str(" **FAIL** |");
                    notes.push(format!("{} {}: {message}", query.id, kind.name()));
                }
            }
        }
        row.push_str(&ratios(&holding));
        println!("{row}");
    }
    for note in notes {
        println!("\n- {note}");
    }
}

fn cell(asked: &Asked) -> String {
    let parts = PHASES.map(|(_, pick)| {
        let timing = pick(asked);
        format!("{:.1} ({:.1})", timing.cpu_ms, timing.wall_ms)
    });
    format!(" {} |", parts.join(" · "))
}

/// Prometheus' answer, or of who is there the first one.
fn reference(all: &[(Kind, Results)], i: usize) -> Option<(Kind, &Asked)> {
    let of = |kind: Kind| {
        let (_, results) = all.iter().find(|(k, _)| *k == kind)?;
        Some((kind, results[i].as_ref().ok()?))
    };
    of(Kind::Prometheus).or_else(|| of(Kind::VictoriaMetrics)).or_else(|| of(Kind::Orrery))
}

fn holds(kind: Kind, asked: &Asked, reference: Option<(Kind, &Asked)>) -> Result<(), String> {
    let Some((wanted, reference)) = reference else { return Ok(()) };
    // VictoriaMetrics has other rules at window edges, and keeps the names of metrics.
    let is_loose = [kind, wanted].contains(&Kind::VictoriaMetrics);
    let same: fn(&Answer, &Answer) -> Result<(), String> = if is_loose { roughly } else { exactly };
    for (want, got) in reference.answers.iter().zip(&asked.answers) {
        same(want, got)?;
    }
    Ok(())
}

fn ratios(holding: &[(Kind, &Asked)]) -> String {
    let ours = holding.iter().find(|(kind, _)| *kind == Kind::Orrery);
    let peers = || holding.iter().filter(|(kind, _)| *kind != Kind::Orrery);
    let Some((_, ours)) = ours else { return " – |".to_owned() };
    if peers().next().is_none() {
        return " – |".to_owned();
    }
    let parts = PHASES.map(|(_, pick)| {
        let best = peers().map(|(_, asked)| pick(asked).cpu_ms).fold(f64::INFINITY, f64::min);
        let ratio = best / pick(ours).cpu_ms.max(0.001);
        if ratio < 1.0 { format!("**{ratio:.2}**") } else { format!("{ratio:.1}") }
    });
    format!(" {} |", parts.join(" · "))
}
