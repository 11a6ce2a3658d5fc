//! A server under test on free loopback ports in a fresh directory: start, kill, stop, restart.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;

use crate::http::get;
use crate::measure::{cpu_seconds, has_ended};

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

    const fn version_argument(self) -> &'static str {
        match self {
            Self::Orrery => "version",
            Self::Prometheus => "--version",
            Self::VictoriaMetrics => "-version",
        }
    }
}

/// Where the binaries are. A peer that is neither named nor on the path is left out.
#[derive(Clone, Debug, Args)]
pub(crate) struct Binaries {
    #[arg(long, default_value = "target/release/orrery")]
    orrery: PathBuf,
    #[arg(long)]
    prometheus: Option<PathBuf>,
    #[arg(long)]
    victoria_metrics: Option<PathBuf>,
}

impl Binaries {
    /// Orrery first, then the peers; says which are left out.
    pub(crate) fn found(&self) -> Vec<(Kind, PathBuf)> {
        let mut found = vec![(Kind::Orrery, self.orrery.clone())];
        let peers =
            [(Kind::Prometheus, &self.prometheus), (Kind::VictoriaMetrics, &self.victoria_metrics)];
        for (kind, given) in peers {
            match given.clone().or_else(|| on_path(kind.name())) {
                Some(binary) => found.push((kind, binary)),
                None => println!("{}: not on this machine, left out", kind.name()),
            }
        }
        found
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let output = Command::new("which").arg(name).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(path.trim())).filter(|path| path.is_file())
}

/// The first line the binary says about its version.
pub(crate) fn version(kind: Kind, binary: &Path) -> anyhow::Result<String> {
    let output = Command::new(binary)
        .arg(kind.version_argument())
        .output()
        .with_context(|| binary.display().to_string())?;
    let text = [output.stdout, output.stderr].concat();
    Ok(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned())
}

/// What the work needs from a server beyond its defaults.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs {
    /// How much older than the newest a sample may be.
    pub(crate) out_of_order_ms: i64,
}

/// A running server; it and its data end with the value.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    /// Of Orrery's portal.
    pub(crate) portal_port: u16,
    pub(crate) data: PathBuf,
    /// From exec until it said that it is ready.
    pub(crate) ready_after: Duration,
    command: Command,
    child: Child,
    _directory: tempfile::TempDir,
}

/// A port nobody listens on right now.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Server {
    /// Starts `binary` on an empty directory and waits until it says it is ready.
    pub(crate) fn start(kind: Kind, binary: &Path, needs: Needs) -> anyhow::Result<Self> {
        Self::start_with(kind, binary, needs, &[])
    }

    /// The same with more in its environment.
    pub(crate) fn start_with(
        kind: Kind,
        binary: &Path,
        needs: Needs,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let data = directory.path().join("data");
        let (port, portal_port) = (free_port()?, free_port()?);
        let mut command = Command::new(binary);
        arguments(&mut command, kind, directory.path(), (port, portal_port), needs)?;
        command.envs(environment.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| binary.display().to_string())?;
        let ready_after = Duration::ZERO;
        let mut server = Self {
            kind,
            port,
            portal_port,
            data,
            ready_after,
            command,
            child,
            _directory: directory,
        };
        server.await_ready()?;
        Ok(server)
    }

    fn await_ready(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        let path = self.kind.ready_path();
        while get(self.port, path).map_or(0, |(status, _)| status) != 200 {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended while starting: {status}", self.kind.name());
            }
            if started.elapsed() > Duration::from_mins(5) {
                bail!("{} is not ready after five minutes", self.kind.name());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.ready_after = started.elapsed();
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Starts a server that was stopped or killed, on its data and its port.
    pub(crate) fn start_again(&mut self) -> anyhow::Result<()> {
        self.child = self.command.spawn()?;
        self.await_ready()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks for a clean stop and waits for it; returns the CPU seconds of its whole life.
    pub(crate) fn stop(&mut self) -> anyhow::Result<f64> {
        let asked = Command::new("kill").arg(self.pid().to_string()).status()?;
        if !asked.success() {
            bail!("cannot signal {}", self.kind.name());
        }
        while !has_ended(self.pid()) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let cpu = cpu_seconds(self.pid())?;
        self.child.wait()?;
        Ok(cpu)
    }
}

/// Defaults, except what makes old samples acceptable and answers comparable.
fn arguments(
    command: &mut Command,
    kind: Kind,
    directory: &Path,
    (port, portal_port): (u16, u16),
    needs: Needs,
) -> anyhow::Result<()> {
    let data = directory.join("data");
    let listen = format!("127.0.0.1:{port}");
    match kind {
        Kind::Orrery => {
            command.arg("serve").arg("--data-dir").arg(&data);
            command.args(["--prometheus-listen", &listen]);
            command.args(["--portal-listen", &format!("127.0.0.1:{portal_port}")]);
            command.args(["--mimir-listen", "none", "--mimir-query-listen", "none"]);
            command.env("ORRERY_STORAGE_RETENTION", "60d");
        }
        Kind::Prometheus => {
            let config = directory.join("prometheus.yml");
            let window = needs.out_of_order_ms / 1000;
            let text = format!(
                "global: {{}}\nstorage:\n  tsdb:\n    out_of_order_time_window: {window}s\n"
            );
            std::fs::write(&config, text)?;
            command.arg(format!("--config.file={}", config.display()));
            command.arg(format!("--storage.tsdb.path={}", data.display()));
            command.arg(format!("--web.listen-address={listen}"));
            command.args(["--web.enable-remote-write-receiver", "--web.enable-admin-api"]);
            command.args(["--storage.tsdb.retention.time=60d"]);
            command.arg("--enable-feature=exemplar-storage,native-histograms");
        }
        Kind::VictoriaMetrics => {
            command.arg(format!("-storageDataPath={}", data.display()));
            command.arg(format!("-httpListenAddr={listen}"));
            command.args(["-retentionPeriod=60d", "-search.latencyOffset=0s"]);
            command.args(["-search.maxSeries=1000000", "-search.maxUniqueTimeseries=5000000"]);
            // It ends connections after two minutes, which a long ingest takes for a failure.
            command.arg("-http.connTimeout=24h");
        }
    }
    Ok(())
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good as killed.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
