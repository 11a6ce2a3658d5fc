//! Starts a server under test on free loopback ports in a fresh directory, and ends it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::replay::get;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Orrery,
    Prometheus,
    VictoriaMetrics,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Orrery => "orrery",
            Self::Prometheus => "prometheus",
            Self::VictoriaMetrics => "victoria-metrics",
        }
    }

    const fn ready_path(self) -> &'static str {
        match self {
            Self::Orrery | Self::Prometheus => "/-/ready",
            Self::VictoriaMetrics => "/health",
        }
    }
}

/// A running server; ends with the value.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    pub(crate) data: PathBuf,
    pub(crate) ready_after: Duration,
    child: Child,
    _directory: tempfile::TempDir,
}

/// A port nobody listens on right now.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Server {
    /// Starts `binary` and waits until it says it is ready.
    pub(crate) fn start(kind: Kind, binary: &Path) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let data = directory.path().join("data");
        let port = free_port()?;
        let listen = format!("127.0.0.1:{port}");
        let mut command = Command::new(binary);
        match kind {
            Kind::Orrery => {
                command.arg("serve").arg("--data-dir").arg(&data);
                command.args(["--prometheus-listen", &listen]);
                command.args(["--portal-listen", &format!("127.0.0.1:{}", free_port()?)]);
                command.args(["--mimir-listen", "none", "--mimir-query-listen", "none"]);
            }
            Kind::Prometheus => {
                let config = directory.path().join("prometheus.yml");
                std::fs::write(&config, "global: {}\n")?;
                command.arg(format!("--config.file={}", config.display()));
                command.arg(format!("--storage.tsdb.path={}", data.display()));
                command.arg(format!("--web.listen-address={listen}"));
                command.arg("--web.enable-remote-write-receiver");
            }
            Kind::VictoriaMetrics => {
                command.arg(format!("-storageDataPath={}", data.display()));
                command.arg(format!("-httpListenAddr={listen}"));
            }
        }
        let started = Instant::now();
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut server =
            Self { kind, port, data, ready_after: Duration::ZERO, child, _directory: directory };
        while get(port, kind.ready_path()).map_or(0, |(status, _)| status) != 200 {
            if let Some(status) = server.child.try_wait()? {
                bail!("{} ended while starting: {status}", kind.name());
            }
            if started.elapsed() > Duration::from_mins(1) {
                bail!("{} is not ready after a minute", kind.name());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        server.ready_after = started.elapsed();
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks for a clean stop and waits for it; the data stays until the value is dropped.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.pid().to_string()).status()?;
        if !asked.success() {
            bail!("cannot signal {}", self.kind.name());
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good as killed.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The servers to compare: Orrery, and each peer whose binary is given or on the path.
pub(crate) fn contenders(
    orrery: &Path,
    prometheus: Option<&Path>,
    victoria_metrics: Option<&Path>,
) -> Vec<(Kind, PathBuf)> {
    let mut found = vec![(Kind::Orrery, orrery.to_owned())];
    for (kind, given) in [(Kind::Prometheus, prometheus), (Kind::VictoriaMetrics, victoria_metrics)]
    {
        match given.map(Path::to_owned).or_else(|| on_path(kind.name())) {
            Some(binary) => found.push((kind, binary)),
            None => println!("{}: not on this machine, left out", kind.name()),
        }
    }
    found
}

fn on_path(name: &str) -> Option<PathBuf> {
    let output = Command::new("which").arg(name).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(path.trim())).filter(|path| path.is_file())
}
