//! A workload as requests ready to send: compressed, with their HTTP heads, and spooled to files,
//! one per connection, so that a large one needs no memory.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::PathBuf;

use anyhow::Context;

use crate::http::TENANT;
use crate::wire::{Message, Point, Version};
use crate::workload::{Shape, Source};

/// As many as Prometheus sends by default.
const SAMPLES_PER_REQUEST: usize = 2000;

/// A prepared POST and what it carries.
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    pub(crate) samples: usize,
}

/// What is sent before the clock is read, and what follows while dashboards are open.
pub(crate) struct Payload {
    _directory: tempfile::TempDir,
    lanes: Vec<PathBuf>,
    pub(crate) samples: usize,
    pub(crate) requests: usize,
    pub(crate) wire_bytes: usize,
    pub(crate) metric_names: Vec<String>,
    pub(crate) series_active: usize,
    pub(crate) series_total: usize,
    /// The requests of the rounds after the shape's end.
    pub(crate) live: Vec<Vec<Request>>,
}

struct Lane {
    file: BufWriter<File>,
    message: Message,
    samples: usize,
}

/// Generates `shape.rounds` rounds to files and `live_rounds` more to memory. The samples of a
/// target always take the same of the `connections`, so each series stays in order.
pub(crate) fn build(
    mut source: Box<dyn Source>,
    shape: Shape,
    live_rounds: usize,
    connections: usize,
    version: Version,
) -> anyhow::Result<Payload> {
    let directory = tempfile::tempdir()?;
    let paths: Vec<PathBuf> =
        (0..connections).map(|i| directory.path().join(format!("lane-{i}"))).collect();
    let mut lanes = Vec::new();
    for path in &paths {
        let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        lanes.push(Lane { file, message: Message::new(version), samples: 0 });
    }
    let mut payload = Payload {
        _directory: directory,
        lanes: paths,
        samples: 0,
        requests: 0,
        wire_bytes: 0,
        metric_names: source.metric_names(),
        series_active: 0,
        series_total: 0,
        live: Vec::new(),
    };
    let mut failure = None;
    let mut emit = |target: usize, point: &Point<'_>| {
        let lane = &mut lanes[target % connections];
        lane.message.push(point);
        lane.samples += 1;
        if lane.samples == SAMPLES_PER_REQUEST
            && let Err(error) = payload.spool(lane, version)
        {
            failure.get_or_insert(error);
        }
    };
    for number in 0..shape.rounds {
        source.round(number, &mut emit);
    }
    source.finish(&mut emit);
    if let Some(error) = failure {
        return Err(error);
    }
    for mut lane in lanes {
        payload.spool(&mut lane, version)?;
        lane.file.flush()?;
    }
    for number in shape.rounds..shape.rounds + live_rounds {
        payload.live.push(live(source.as_mut(), number, version)?);
    }
    (payload.series_active, payload.series_total) = source.series();
    Ok(payload)
}

/// One round's requests.
fn live(source: &mut dyn Source, number: usize, version: Version) -> anyhow::Result<Vec<Request>> {
    let mut requests = Vec::new();
    let mut message = Message::new(version);
    let mut samples = 0;
    source.round(number, &mut |_, point| {
        message.push(point);
        samples += 1;
        if samples == SAMPLES_PER_REQUEST {
            requests.push((message.take(), std::mem::take(&mut samples)));
        }
    });
    requests.push((message.take(), samples));
    requests.into_iter().map(|(body, samples)| request(&body, samples, version)).collect()
}

fn request(body: &[u8], samples: usize, version: Version) -> anyhow::Result<Request> {
    let body = snap::raw::Encoder::new().compress_vec(body)?;
    let mut bytes = format!(
        "POST /api/v1/write HTTP/1.1\r\nHost: bench\r\n{TENANT}Content-Encoding: snappy\r\n{}\
         Content-Length: {}\r\n\r\n",
        version.headers(),
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    Ok(Request { bytes, samples })
}

impl Payload {
    fn spool(&mut self, lane: &mut Lane, version: Version) -> anyhow::Result<()> {
        if lane.samples == 0 {
            return Ok(());
        }
        let request = request(&lane.message.take(), lane.samples, version)?;
        lane.file.write_all(&u32::try_from(request.bytes.len())?.to_le_bytes())?;
        lane.file.write_all(&u32::try_from(request.samples)?.to_le_bytes())?;
        lane.file.write_all(&request.bytes)?;
        self.samples += lane.samples;
        self.requests += 1;
        self.wire_bytes += request.bytes.len();
        lane.samples = 0;
        Ok(())
    }

    pub(crate) fn lanes(&self) -> impl Iterator<Item = anyhow::Result<LaneReader>> {
        self.lanes.iter().map(|path| {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            Ok(LaneReader(BufReader::with_capacity(1 << 20, file)))
        })
    }
}

/// Reads one connection's requests.
pub(crate) struct LaneReader(BufReader<File>);

impl LaneReader {
    /// The next request into `into`; `None` at the end.
    pub(crate) fn next_into(&mut self, into: &mut Vec<u8>) -> anyhow::Result<Option<usize>> {
        let mut head = [0; 8];
        match self.0.read_exact(&mut head) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let number = |at: usize| {
            u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize
        };
        into.resize(number(0), 0);
        self.0.read_exact(into)?;
        Ok(Some(number(4)))
    }
}
