//! SIGTERM and SIGINT: the first asks for a clean stop, the second ends the process at once.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex;

/// Exit code of a process that was told twice: 128 + SIGINT, as shells report it.
const IMPATIENT_EXIT_CODE: i32 = 130;

pub(crate) struct Signals {
    terminate: Mutex<Signal>,
    interrupt: Mutex<Signal>,
}

impl Signals {
    /// From here on the signals no longer end the process by themselves.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).map(Mutex::new).context("cannot listen for signals");
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits for either; its name.
    pub(crate) async fn first(&self) -> &'static str {
        let (mut terminate, mut interrupt) =
            (self.terminate.lock().await, self.interrupt.lock().await);
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    }

    /// Watches for another signal while the stop goes on.
    pub(crate) fn exit_on_second(self) {
        tokio::spawn(async move {
            let signal = self.first().await;
            tracing::warn!(signal, "second signal, ending at once");
            #[expect(clippy::disallowed_methods, reason = "the user asked twice")]
            std::process::exit(IMPATIENT_EXIT_CODE);
        });
    }
}
