//! Compares a page of this machine with one of the real `node_exporter`, where it is installed
//! (Debian: `prometheus-node-exporter`). Names, types and labels must agree, and values within
//! what a moment between the two pages can change.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use agent::{HostCollector, Roots, Settings};
use platform::HostClock;

#[derive(Default)]
struct Page {
    types: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

fn parse(text: &str) -> Page {
    let mut page = Page::default();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a name and a type");
            page.types.insert(name.to_owned(), kind.to_owned());
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').expect("a series and a value");
            let value = value.parse().expect("a number");
            page.samples.insert(normal(series), value);
        }
    }
    page
}

/// The series with its labels sorted and without empty ones, which mean the same as none.
/// Good enough for this machine's labels: none contains a quote followed by a comma.
fn normal(series: &str) -> String {
    let Some((name, labels)) = series.split_once('{') else { return series.to_owned() };
    let labels = labels.strip_suffix("\"}").expect("a closing brace");
    // An empty value ends in its opening quote, the last one in the sign before that.
    let is_set = |label: &&str| !label.ends_with("=\"") && !label.ends_with('=');
    let labels: BTreeSet<&str> = labels.split("\",").filter(is_set).collect();
    format!("{name}{{{}}}", labels.into_iter().collect::<Vec<_>>().join("\","))
}

fn name_of(series: &str) -> &str {
    series.split('{').next().unwrap_or(series)
}

struct Reference(Child);

impl Drop for Reference {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The page of the real thing on a port the system chose, or `None` if it is not installed.
fn reference_page() -> Option<String> {
    let names = ["prometheus-node-exporter", "node_exporter"];
    let mut reference = names.iter().find_map(|name| {
        // Debian's package leaves out more mounts and the loopback interface, and older versions
        // show compressed memory disks; ask for the present defaults.
        let child = Command::new(name)
            .args(["--web.listen-address=127.0.0.1:0", "--collector.netdev.device-exclude="])
            .arg(
                "--collector.diskstats.device-exclude=\
                 ^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$",
            )
            .arg(
                "--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|\
                 var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
            )
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        child.ok().map(Reference)
    })?;
    let mut log = BufReader::new(reference.0.stderr.take().expect("the log was asked for"));
    // Only borrowed: a program whose log nobody holds any more is killed when it writes to it.
    let address = log.by_ref().lines().find_map(|line| {
        let line = line.expect("the log is text");
        let rest = line.split("address=").nth(1)?;
        Some(rest.split_whitespace().next()?.trim_matches('"').to_owned())
    });
    let mut stream = TcpStream::connect(address?).expect("it listens");
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    Some(answer.split_once("\r\n\r\n").expect("a body").1.to_owned())
}

/// Families that `node_exporter` has and we do not, by prefix, each for a reason.
const NOT_OURS: [(&str, &str); 8] = [
    ("node_exporter_build_info", "says which exporter is running"),
    ("node_selinux_", "security modules"),
    ("node_softnet_", "per CPU packet backlog"),
    ("node_textfile_", "metrics from files, not from the machine"),
    ("node_time_clocksource_", "clock sources"),
    ("node_time_zone_offset_seconds", "needs the time zone database"),
    ("node_timex_", "needs a call without a safe binding"),
    ("node_udp_queues", "per socket queues"),
];

/// Buffers of connections that are open at the moment: whatever else uses the network fills and
/// empties them between the two pages.
const MOMENTARY: [&str; 2] = ["node_sockstat_TCP_mem", "node_sockstat_TCP_mem_bytes"];

/// Labels later versions added, so that an older one still compares.
const LATER: [&str; 2] = ["adminstate=\"", "rotational=\""];

fn without_later_labels(series: &str) -> String {
    let Some((name, labels)) = series.split_once('{') else { return series.to_owned() };
    let labels = labels.trim_end_matches('}').split("\",");
    let labels: Vec<&str> =
        labels.filter(|label| !LATER.iter().any(|later| label.starts_with(later))).collect();
    format!("{name}{{{}}}", labels.join("\","))
}

#[test]
fn the_page_agrees_with_node_exporter() {
    let Some(theirs) = reference_page() else {
        println!("skipped: neither prometheus-node-exporter nor node_exporter can be run");
        return;
    };
    let mut ours = String::new();
    let clock = Arc::new(HostClock::new());
    HostCollector::new(Roots::default(), Settings::default(), clock).gather(&mut ours);
    let (theirs, ours) = (parse(&theirs), parse(&ours));

    let mut errors = Vec::new();
    let wanted = theirs.types.iter().filter(|(name, _)| {
        name.starts_with("node_") && !NOT_OURS.iter().any(|(prefix, _)| name.starts_with(prefix))
    });
    for (name, kind) in wanted {
        match ours.types.get(name) {
            None => errors.push(format!("{name} is missing")),
            Some(ours) if ours != kind => errors.push(format!("{name} is a {ours}, not a {kind}")),
            Some(_) => {}
        }
    }
    let ours_by_series: BTreeMap<String, f64> =
        ours.samples.iter().map(|(s, value)| (without_later_labels(s), *value)).collect();
    let mut compared = 0;
    for (series, theirs) in &theirs.samples {
        let name = name_of(series);
        if !ours.types.contains_key(name) || name.starts_with("node_scrape_collector_") {
            continue;
        }
        match ours_by_series.get(&without_later_labels(series)) {
            None => errors.push(format!("{series} is missing")),
            Some(value) if !is_close(*theirs, *value) && !MOMENTARY.contains(&name) => {
                errors.push(format!("{series} is {value}, not {theirs}"));
            }
            Some(_) => compared += 1,
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(compared > 200, "only {compared} series compared");
    println!("{compared} series agree");
}

/// Right to within an order of magnitude, which is what a wrong unit would break; small values
/// may come and go between the two pages.
fn is_close(theirs: f64, ours: f64) -> bool {
    let small = theirs.abs().max(ours.abs()) < 1000.0;
    small && (theirs - ours).abs() < 500.0
        || theirs == ours
        || (theirs != 0.0 && (0.2..5.0).contains(&(ours / theirs)))
}
