//! The tables of ingest and of the dashboard.

use crate::dashboard::REFRESH_S;
use crate::measure::Memory;
use crate::metrics::Outcome;
use crate::payload::Payload;
use crate::queries::{Answer, exactly};
use crate::server::Kind;
use crate::wire::Version;
use crate::workload::{Name, Shape};

pub(crate) fn heading(name: Name, shape: &Shape, payload: &Payload, version: Version) {
    println!(
        "\n{}: {} active series ({} in all), {} rounds {} s apart, {} samples in {} requests, \
         {:.1} MB of remote write {version:?}\n",
        name.title(),
        payload.series_active,
        payload.series_total,
        shape.rounds,
        shape.interval_ms / 1000,
        payload.samples,
        payload.requests,
        payload.wire_bytes as f64 / 1e6
    );
    println!(
        "| server | samples/CPU-s to ack · total | CPU s ack + settling + flush | wall s | \
         RSS start · ack · peak · settled MB | RssAnon start · ack · peak · settled MB | \
         B/active series at ack · settled | B/sample running · settled · flushed | \
         of it index | ready ms (CPU ms) after kill -9 | samples found |"
    );
    println!("|{}", " --- |".repeat(11));
}

pub(crate) fn ingest_row(outcome: &Outcome, payload: &Payload) {
    let did = &outcome.ingested;
    let samples = payload.samples as f64;
    let memories = |of: fn(&Memory) -> u64| {
        let parts = [&did.at_start, &did.at_ack, &did.peak, &did.settled]
            .map(|memory| format!("{:.0}", of(memory) as f64 / 1e6));
        parts.join(" · ")
    };
    let per_series = |memory: &Memory| {
        memory.anonymous.saturating_sub(did.at_start.anonymous) as f64
            / payload.series_active as f64
    };
    println!(
        "| {} | {:.0} · {:.0} | {:.2} + {:.2} + {:.2} | {:.1} | {} | {} | {:.0} · {:.0} | \
         {:.3} · {:.3} · {:.3} | {:.3} | {} ({:.0}) | {} |",
        outcome.kind.name(),
        samples / did.cpu_ack_s,
        samples / did.cpu_total_s(),
        did.cpu_ack_s,
        did.cpu_settling_s,
        did.cpu_flush_s,
        did.wall_s,
        memories(|memory| memory.resident),
        memories(|memory| memory.anonymous),
        per_series(&did.at_ack),
        per_series(&did.settled),
        did.running_bytes as f64 / samples,
        did.settled_bytes as f64 / samples,
        did.flushed.bytes as f64 / samples,
        did.flushed.index_bytes as f64 / samples,
        did.ready_after_kill.as_millis(),
        did.cpu_ready_s * 1e3,
        found(did.found, samples),
    );
}

fn found(found: Option<f64>, sent: f64) -> String {
    match found {
        None => "–".to_owned(),
        Some(found) if found == sent => "all".to_owned(),
        Some(found) => format!("**{found:.0}**"),
    }
}

/// Orrery against each peer; above 1 Orrery is better.
pub(crate) fn ingest_ratios(outcomes: &[Outcome]) {
    let Some(ours) = outcomes.iter().find(|o| o.kind == Kind::Orrery) else { return };
    println!();
    for peer in outcomes.iter().filter(|o| o.kind != Kind::Orrery) {
        let (us, them) = (&ours.ingested, &peer.ingested);
        println!(
            "Against {}: ingest per CPU-second ×{:.2} to ack, ×{:.2} in total; peak RssAnon ×{:.2}; \
             bytes flushed ×{:.2}.",
            peer.kind.name(),
            them.cpu_ack_s / us.cpu_ack_s,
            them.cpu_total_s() / us.cpu_total_s(),
            them.peak.anonymous as f64 / us.peak.anonymous as f64,
            them.flushed.bytes as f64 / us.flushed.bytes as f64,
        );
    }
}

/// CPU per refresh and as a share of one core.
pub(crate) fn dashboard(outcomes: &[Outcome]) {
    if outcomes.iter().all(|outcome| outcome.refreshed.is_none()) {
        return;
    }
    println!(
        "\n| 20 panels, 1 h | CPU ms first | CPU ms a refresh | wall ms | % of one core | answers |"
    );
    println!("|{}", " --- |".repeat(6));
    let answers_of = |kind: Kind| {
        let outcome = outcomes.iter().find(|outcome| outcome.kind == kind)?;
        Some(outcome.refreshed.as_ref()?.answers.as_slice())
    };
    let want = answers_of(Kind::Prometheus);
    for outcome in outcomes {
        let Some(did) = &outcome.refreshed else { continue };
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.2} | {} |",
            outcome.kind.name(),
            did.first_cpu_ms,
            did.cpu_ms,
            did.wall_ms,
            did.cpu_ms / (REFRESH_S * 10) as f64,
            verdict(outcome.kind, &did.answers, want),
        );
    }
}

/// Orrery's must be Prometheus'; VictoriaMetrics' rules differ at window edges.
fn verdict(kind: Kind, got: &[Answer], want: Option<&[Answer]>) -> String {
    let (Kind::Orrery, Some(want)) = (kind, want) else { return "–".to_owned() };
    let mut pairs = want.iter().zip(got).enumerate();
    let wrong = pairs.find_map(|(i, (want, got))| Some((i, exactly(want, got).err()?)));
    wrong.map_or_else(
        || "as Prometheus".to_owned(),
        |(i, message)| format!("**FAIL** panel {}: {message}", i + 1),
    )
}
