//! Sends a payload: every connection its own requests in order, the next one after each answer.

use std::sync::Mutex;

use anyhow::bail;

use crate::http::Connection;
use crate::payload::{LaneReader, Payload, Request};

/// Returns the samples acknowledged; an answer other than 2xx ends the run.
pub(crate) fn send_all(port: u16, payload: &Payload) -> anyhow::Result<usize> {
    let failure = Mutex::new(None);
    let lanes = payload.lanes().collect::<anyhow::Result<Vec<_>>>()?;
    let sent: usize = std::thread::scope(|scope| {
        let senders: Vec<_> = lanes
            .into_iter()
            .map(|lane| {
                let failure = &failure;
                scope.spawn(move || match send_lane(port, lane) {
                    Ok(samples) => samples,
                    Err(error) => {
                        if let Ok(mut failure) = failure.lock() {
                            failure.get_or_insert(error);
                        }
                        0
                    }
                })
            })
            .collect();
        senders.into_iter().filter_map(|sender| sender.join().ok()).sum()
    });
    match failure.into_inner() {
        Ok(None) => Ok(sent),
        Ok(Some(error)) => Err(error),
        Err(_) => bail!("a sending thread panicked"),
    }
}

fn send_lane(port: u16, mut lane: LaneReader) -> anyhow::Result<usize> {
    let mut connection = Connection::open(port)?;
    let mut request = Vec::new();
    let mut sent = 0;
    while let Some(samples) = lane.next_into(&mut request)? {
        send(&mut connection, &request)?;
        sent += samples;
    }
    Ok(sent)
}

fn send(connection: &mut Connection, request: &[u8]) -> anyhow::Result<()> {
    let (status, body) = connection.exchange(request)?;
    if status / 100 != 2 {
        let text: String = String::from_utf8_lossy(&body).chars().take(300).collect();
        bail!("answered {status}: {text}");
    }
    Ok(())
}

/// Sends one round over one connection.
pub(crate) fn send_round(port: u16, requests: &[Request]) -> anyhow::Result<usize> {
    let mut connection = Connection::open(port)?;
    for request in requests {
        send(&mut connection, &request.bytes)?;
    }
    Ok(requests.iter().map(|request| request.samples).sum())
}
