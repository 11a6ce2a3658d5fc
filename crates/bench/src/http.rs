//! A client that costs next to nothing: keep-alive connections, blocking, and no more of HTTP than
//! the servers under test answer with.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, bail};

/// Keeps what a server stores about itself apart from the payload, where it knows tenants.
pub(crate) const TENANT: &str = "X-Scope-OrgID: bench\r\n";

pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    /// The last that was set, `name=value`.
    cookie: String,
}

impl Connection {
    pub(crate) fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(5)))?;
        Ok(Self { reader: BufReader::with_capacity(1 << 16, stream), cookie: String::new() })
    }

    /// Signs in to a portal; the cookie that says so from then on.
    pub(crate) fn sign_in(&mut self, credentials: &str) -> anyhow::Result<String> {
        let request = format!(
            "POST /login HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{credentials}",
            credentials.len()
        );
        let (status, _) = self.exchange(request.as_bytes())?;
        if status != 200 {
            bail!("the login was answered with {status}");
        }
        Ok(std::mem::take(&mut self.cookie))
    }

    /// Sends the bytes and reads one answer: status and body.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
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
            if header.starts_with("set-cookie:") {
                // In its own spelling, up to the attributes.
                let value = line.split_once(':').map_or("", |(_, value)| value.trim());
                value.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
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

pub(crate) fn get_request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{TENANT}\r\n").into_bytes()
}

pub(crate) fn get(port: u16, path: &str) -> anyhow::Result<(u16, Vec<u8>)> {
    Connection::open(port)?.exchange(&get_request(path))
}

/// A POST without a body.
pub(crate) fn post(port: u16, path: &str) -> anyhow::Result<(u16, Vec<u8>)> {
    let request =
        format!("POST {path} HTTP/1.1\r\nHost: bench\r\n{TENANT}Content-Length: 0\r\n\r\n");
    Connection::open(port)?.exchange(request.as_bytes())
}

/// The answer to a query, which must be a success.
pub(crate) fn json(port: u16, path: &str) -> anyhow::Result<serde_json::Value> {
    let (status, body) = get(port, path)?;
    if status != 200 {
        let text: String = String::from_utf8_lossy(&body).chars().take(300).collect();
        bail!("{status}: {text}");
    }
    Ok(serde_json::from_slice(&body)?)
}

/// `text` as part of a query string.
pub(crate) fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            // A String never refuses.
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}
