//! A client that costs next to nothing: requests are built beforehand, sent over keep-alive
//! connections, and of the answer only the status is read.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, bail};

/// A prepared POST and what it carries.
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    pub(crate) samples: usize,
    /// Requests of one shard hold the same series and keep their order on one connection.
    pub(crate) shard: usize,
}

impl Request {
    pub(crate) fn remote_write(body: &[u8], samples: usize, shard: usize) -> Self {
        let mut bytes = format!(
            "POST /api/v1/write HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-protobuf\r\n\
             Content-Encoding: snappy\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        Self { bytes, samples, shard }
    }
}

struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        Ok(Self { reader: BufReader::new(stream) })
    }

    /// Sends the bytes and reads one answer: status and body.
    fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
        self.reader.get_mut().write_all(request)?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
        let mut length = 0;
        let mut chunked = false;
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            let header = line.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(n) = header.strip_prefix("content-length:") {
                length = n.trim().parse()?;
            }
            chunked |= header == "transfer-encoding: chunked";
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        while chunked {
            line.clear();
            self.reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            let mut chunk = vec![0; size + 2];
            self.reader.read_exact(&mut chunk)?;
            body.extend_from_slice(&chunk[..size]);
            chunked = size > 0;
        }
        Ok((status, body))
    }
}

pub(crate) fn get(port: u16, path: &str) -> anyhow::Result<(u16, Vec<u8>)> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n");
    Connection::open(port)?.exchange(request.as_bytes())
}

/// Sends all requests over `connections` in parallel, each shard in order; an answer other than
/// 2xx ends the run. Returns the samples acknowledged.
pub(crate) fn send_all(
    port: u16,
    requests: &[Request],
    connections: usize,
) -> anyhow::Result<usize> {
    let failure = Mutex::new(None);
    let sent: usize = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..connections)
            .map(|lane| {
                let failure = &failure;
                scope.spawn(move || {
                    let own = requests.iter().filter(|r| r.shard % connections == lane);
                    match send_lane(port, own) {
                        Ok(samples) => samples,
                        Err(error) => {
                            if let Ok(mut failure) = failure.lock() {
                                failure.get_or_insert(error);
                            }
                            0
                        }
                    }
                })
            })
            .collect();
        lanes.into_iter().filter_map(|lane| lane.join().ok()).sum()
    });
    match failure.into_inner() {
        Ok(None) => Ok(sent),
        Ok(Some(error)) => Err(error),
        Err(_) => bail!("a sending thread panicked"),
    }
}

fn send_lane<'a>(port: u16, requests: impl Iterator<Item = &'a Request>) -> anyhow::Result<usize> {
    let mut connection = Connection::open(port)?;
    let mut samples = 0;
    for request in requests {
        let (status, body) = connection.exchange(&request.bytes)?;
        if status / 100 != 2 {
            bail!("answered {status}: {}", String::from_utf8_lossy(&body));
        }
        samples += request.samples;
    }
    Ok(samples)
}
