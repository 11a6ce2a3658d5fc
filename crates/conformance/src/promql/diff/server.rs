//! Starts the two servers on ports the system picks, in directories of their own, and ends them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use anyhow::{Context as _, bail};

/// What both servers are asked to understand, where the peer is new enough.
const FEATURES: &str = "promql-experimental-functions,promql-duration-expr,promql-extended-range-selectors,promql-binop-fill-modifiers,native-histograms";

/// What a peer calls itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
}

impl Version {
    /// Whether a function of today is known to it, of a version 3.14 or later.
    pub(super) fn has(self, function: &str) -> bool {
        function != "integral" || self >= Self { major: 3, minor: 16 }
    }
}

/// The first numbers of `prometheus, version 3.16.0 (…)`.
pub(super) fn version(binary: &Path) -> anyhow::Result<Version> {
    let output = Command::new(binary).arg("--version").output();
    let output = output.with_context(|| format!("cannot start {}", binary.display()))?;
    // Older versions tell it on standard error.
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    parse_version(&text).with_context(|| format!("no version in {text:?}"))
}

fn parse_version(text: &str) -> Option<Version> {
    let mut numbers = text.split("version ").nth(1)?.split('.').map(|number| number.parse().ok());
    Some(Version { major: numbers.next()??, minor: numbers.next()?? })
}

/// A running server; ends with the value.
pub(super) struct Server {
    name: &'static str,
    address: String,
    child: Child,
    _directory: tempfile::TempDir,
}

impl Server {
    pub(super) fn orrery(binary: &Path, classic: bool) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut command = Command::new(binary);
        command.arg("serve").arg("--data-dir").arg(directory.path().join("data"));
        command.args(["--log-format", "json"]);
        command.args(["--portal-listen", "127.0.0.1:0", "--prometheus-listen", "127.0.0.1:0"]);
        command.args(["--mimir-listen", "none", "--mimir-query-listen", "none"]);
        if !classic {
            command.arg(format!("--enable-feature={FEATURES}"));
        }
        Self::start("orrery", &mut command, directory, |line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            match line["message"].as_str() {
                Some("listening") if line["face"] == "prometheus" => {
                    line["address"].as_str().map_or(News::Other, |at| News::Address(at.into()))
                }
                Some("ready") => News::Ready,
                _ => News::Other,
            }
        })
    }

    pub(super) fn prometheus(binary: &Path, classic: bool) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let config = directory.path().join("prometheus.yml");
        std::fs::write(&config, "global: {}\n")?;
        let mut command = Command::new(binary);
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()));
        command.args(["--web.listen-address=127.0.0.1:0", "--web.enable-remote-write-receiver"]);
        if classic {
            command.arg("--enable-feature=promql-negative-offset,promql-at-modifier");
        } else {
            command.arg(format!("--enable-feature={FEATURES}"));
        }
        Self::start("prometheus", &mut command, directory, |line| {
            if line.contains("Server is ready to receive web requests") {
                return News::Ready;
            }
            let listening = line.contains("Listening on");
            let address = line.split("address=").nth(1).filter(|_| listening);
            address.map_or(News::Other, |address| News::Address(address.trim().into()))
        })
    }

    /// Starts and reads the log until it has told the address and that all is ready.
    fn start(
        name: &'static str,
        command: &mut Command,
        directory: tempfile::TempDir,
        read: impl Fn(&str) -> News,
    ) -> anyhow::Result<Self> {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let log = child.stderr.take().context("standard error is piped")?;
        let mut server = Self { name, address: String::new(), child, _directory: directory };
        server.await_ready(log, read)?;
        Ok(server)
    }

    fn await_ready(&mut self, log: ChildStderr, read: impl Fn(&str) -> News) -> anyhow::Result<()> {
        let mut log = BufReader::new(log);
        let mut line = String::new();
        let mut ready = false;
        while !ready || self.address.is_empty() {
            line.clear();
            if log.read_line(&mut line)? == 0 {
                bail!("{} ended while starting: {}", self.name, self.child.wait()?);
            }
            match read(&line) {
                News::Address(address) => self.address = address,
                News::Ready => ready = true,
                News::Other => {}
            }
        }
        // Read on, so that the server never waits for room in the pipe.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(())
    }

    /// Sends one compressed remote-write request. Errors: the server refuses it.
    pub(super) fn write(&self, body: &[u8]) -> anyhow::Result<()> {
        let headers = "Content-Encoding: snappy\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n";
        let (status, answer) =
            self.post("/api/v1/write", "application/x-protobuf", headers, body)?;
        if status / 100 != 2 {
            bail!("{} answers {status}: {}", self.name, String::from_utf8_lossy(&answer));
        }
        Ok(())
    }

    /// A query's answer; of a refused one, too.
    pub(super) fn query(&self, path: &str, form: &str) -> anyhow::Result<serde_json::Value> {
        let (status, body) =
            self.post(path, "application/x-www-form-urlencoded", "", form.as_bytes())?;
        serde_json::from_slice(&body).with_context(|| {
            format!("{} answers {status}: {}", self.name, String::from_utf8_lossy(&body))
        })
    }

    /// HTTP/1.0: the end of the connection ends the body.
    fn post(
        &self,
        path: &str,
        content_type: &str,
        headers: &str,
        body: &[u8],
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let mut stream = TcpStream::connect(&self.address).context(self.name)?;
        let length = body.len();
        let mut request = format!(
            "POST {path} HTTP/1.0\r\nHost: {}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\n{headers}\r\n",
            self.address
        )
        .into_bytes();
        request.extend_from_slice(body);
        stream.write_all(&request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.with_context(|| format!("{} broke off", self.name))?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.context("no status")?, answer.split_off(end + 4)))
    }
}

enum News {
    Address(String),
    Ready,
    Other,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good as killed.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, parse_version};

    #[test]
    fn a_peer_is_asked_for_what_its_version_has() {
        let check = |text: &str, want: Option<((u32, u32), bool)>| {
            let version = parse_version(text);
            let got = version.map(|Version { major, minor }| (major, minor));
            let got = got.zip(version.map(|version| version.has("integral")));
            assert_eq!(got, want, "{text}");
        };
        check("prometheus, version 3.16.0 (branch: HEAD, …)", Some(((3, 16), true)));
        check("prometheus, version 3.14.2-rc.0 (branch: …)", Some(((3, 14), false)));
        check("prometheus, version 4.0.0 (…)", Some(((4, 0), true)));
        check("prometheus, version 2.53.1+ds1 (…)", Some(((2, 53), false)));
        check("prometheus, version  (branch: , revision: unknown)", None);
    }
}
