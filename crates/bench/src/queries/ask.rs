//! Asks one server: cold, with warm files but never the same question, and the same again and
//! again. The best server is the one that used the least of its own CPU time.

use std::time::{Duration, Instant};

use clap::Args;

use super::{Answer, Query, Times};
use crate::http::{Connection, get, get_request};
use crate::measure::{drop_page_cache, threads_cpu_ms};
use crate::server::{Kind, Server};

/// How often each query is asked.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Repeats {
    /// Rounds of restart, dropped page cache and one time each query
    #[arg(long, default_value_t = 1)]
    cold: usize,
    /// Repetitions with warm files, and as many of the identical query
    #[arg(long, default_value_t = 5)]
    warm: usize,
}

/// Medians over the repetitions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timing {
    pub(crate) wall_ms: f64,
    pub(crate) cpu_ms: f64,
}

/// What a server answered to a query and what it cost.
pub(crate) struct Asked {
    pub(crate) cold: Timing,
    /// Warm files, a question not asked before.
    pub(crate) warm: Timing,
    /// The same question again.
    pub(crate) hot: Timing,
    /// To the first cold question and to the last hot one.
    pub(crate) answers: [Answer; 2],
}

#[derive(Default)]
struct Samples(Vec<Timing>);

impl Samples {
    fn median(mut self) -> Timing {
        let middle = self.0.len() / 2;
        let mut pick = |of: fn(&Timing) -> f64| {
            self.0.sort_by(|a, b| of(a).total_cmp(&of(b)));
            self.0.get(middle).map_or(f64::NAN, of)
        };
        Timing { wall_ms: pick(|t| t.wall_ms), cpu_ms: pick(|t| t.cpu_ms) }
    }
}

/// Repetitions of a slow query end here.
const LONGEST: Duration = Duration::from_secs(10);

/// One result for each query, in order; `Err` is what the server said instead of an answer.
pub(crate) fn ask_all(
    server: &mut Server,
    queries: &[Query],
    times: Times,
    repeats: Repeats,
) -> anyhow::Result<Vec<Result<Asked, String>>> {
    let mut cold: Vec<Result<(Samples, Answer), String>> = Vec::new();
    for round in 0..repeats.cold.max(1) {
        server.stop()?;
        if server.kind == Kind::VictoriaMetrics {
            // It keeps its cache of results over a restart.
            std::fs::remove_dir_all(server.data.join("cache")).ok();
        }
        drop_page_cache();
        server.start_again()?;
        crate::measure::wait_until_quiet(server.pid(), Duration::from_secs(30))?;
        for (i, query) in queries.iter().enumerate() {
            drop_page_cache();
            let asked = ask(server, &query.path(times, 1 + round as i64, false));
            let asked = asked.map_err(|error| format!("{error:#}"));
            match (cold.get_mut(i), asked) {
                (Some(Ok((samples, _))), Ok((timing, _))) => samples.0.push(timing),
                (None, asked) => cold.push(asked.map(|(t, answer)| (Samples(vec![t]), answer))),
                _ => {}
            }
        }
    }
    if server.kind == Kind::VictoriaMetrics {
        get(server.port, "/internal/resetRollupResultCache")?;
    }
    let mut all = Vec::new();
    for (query, cold) in queries.iter().zip(cold) {
        all.push(match cold {
            Ok((cold, first)) => warm_and_hot(server, query, times, repeats, cold, first)
                .map_err(|error| format!("{error:#}")),
            Err(message) => Err(message),
        });
    }
    Ok(all)
}

fn warm_and_hot(
    server: &Server,
    query: &Query,
    times: Times,
    repeats: Repeats,
    cold: Samples,
    first: Answer,
) -> anyhow::Result<Asked> {
    let mut warm = Samples::default();
    let mut hot = Samples::default();
    let started = Instant::now();
    // Within `SHIFT_MAX_S`, past the shifts of the cold questions.
    let shifts = 10..(11 + repeats.warm.min(40) as i64);
    for shift in shifts {
        let (timing, _) = ask(server, &query.path(times, shift, false))?;
        warm.0.push(timing);
        if started.elapsed() > LONGEST {
            break;
        }
    }
    let path = query.path(times, 0, true);
    let mut last = ask(server, &path)?.1;
    let started = Instant::now();
    for _ in 0..repeats.warm.max(1) {
        let (timing, answer) = ask(server, &path)?;
        hot.0.push(timing);
        last = answer;
        if started.elapsed() > LONGEST {
            break;
        }
    }
    let answers = [first, last];
    Ok(Asked { cold: cold.median(), warm: warm.median(), hot: hot.median(), answers })
}

/// One query over a connection of its own, which is open before the clock starts.
pub(crate) fn ask(server: &Server, path: &str) -> anyhow::Result<(Timing, Answer)> {
    let mut connection = Connection::open(server.port)?;
    let request = get_request(path);
    let before = threads_cpu_ms(server.pid())?;
    let started = Instant::now();
    let (status, body) = connection.exchange(&request)?;
    let wall_ms = started.elapsed().as_secs_f64() * 1e3;
    let cpu_ms = (threads_cpu_ms(server.pid())? - before).max(0.0);
    Ok((Timing { wall_ms, cpu_ms }, Answer::parse(status, &body)?))
}
