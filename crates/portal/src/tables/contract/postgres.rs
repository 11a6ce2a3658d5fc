//! A PostgreSQL server of its own for a test: Debian's package, a temporary directory, a free port.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(super) struct Postgres {
    server: Child,
    port: u16,
    _dir: TempDir,
}

impl Postgres {
    /// `None`, with the reason on the screen, where there is no PostgreSQL; `make test` installs it
    /// with `scripts/install-postgresql.sh`.
    pub(super) fn start() -> Option<Self> {
        let Some(bin) = bin_dir() else {
            println!("skipped: no PostgreSQL (install Debian's package `postgresql`)");
            return None;
        };
        let dir = TempDir::new().expect("a temporary directory");
        let data = dir.path().join("data");
        fs::create_dir(&data).expect("a directory");
        if is_root() {
            // The server refuses to run as root.
            let owned = Command::new("chown").arg("-R").arg("postgres").arg(dir.path()).status();
            assert!(owned.expect("chown runs").success());
        }
        let made = command(&bin.join("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=orrery", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .arg("--no-sync")
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb runs").success());
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let port = port.expect("a free port").port();
        let mut server = command(&bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-k", "", "-c", "listen_addresses=127.0.0.1"])
            .args([
                "-c",
                "fsync=off",
                "-c",
                "logging_collector=off",
                "-c",
                "log_destination=stderr",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("postgres starts");
        let mut log = BufReader::new(server.stderr.take().expect("stderr is piped"));
        let mut lines = String::new();
        while !lines.contains("ready to accept connections") {
            let read = log.read_line(&mut lines).expect("the log is text");
            assert!(read > 0, "the server ended early: {lines}");
        }
        // A full pipe would stop the server.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(Self { server, port, _dir: dir })
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("postgres://orrery@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A fast shutdown; its children end with it.
        let id = self.server.id().to_string();
        let _asked = Command::new("kill").args(["-INT", &id]).status();
        let _ended = self.server.wait();
    }
}

/// Debian's newest, or whatever the path has.
fn bin_dir() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = versions.into_iter().rev().chain(std::env::split_paths(&path));
    places.find(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// Runs as `postgres` for root, in place of this process, so that signals reach it.
fn command(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command.current_dir("/");
    command
}
