//! Requests to the portal with credentials, over connections that stay open.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::http::Connection;
use crate::server::Server;

/// One signed-in visitor on one connection.
pub(super) struct Portal {
    port: u16,
    cookie: String,
    connection: RefCell<Connection>,
}

impl Portal {
    /// The administrator of a fresh server; waits until the portal answers.
    pub(super) fn of(server: &Server) -> anyhow::Result<Self> {
        let began = Instant::now();
        loop {
            match Self::sign_in(server.portal_port, "admin", "admin") {
                Ok(portal) => return Ok(portal),
                Err(error) if began.elapsed() > Duration::from_secs(30) => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    pub(super) fn sign_in(port: u16, user: &str, password: &str) -> anyhow::Result<Self> {
        let body = json!({ "user": user, "password": password }).to_string();
        let mut connection = Connection::open(port)?;
        let cookie = connection.sign_in(&body)?;
        Ok(Self { port, cookie, connection: RefCell::new(connection) })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.send("GET", path, "")
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Vec<u8>> {
        self.send("POST", path, &body.to_string())
    }

    /// How many entries the answer, a list, has.
    pub(super) fn hits(&self, path: &str) -> anyhow::Result<usize> {
        let hits: Value = serde_json::from_slice(&self.get(path)?)?;
        Ok(hits.as_array().context("no list")?.len())
    }

    fn send(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nCookie: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.cookie,
            body.len()
        );
        let (status, answer) = self.connection.borrow_mut().exchange(request.as_bytes())?;
        if status != 200 {
            let text: String = String::from_utf8_lossy(&answer).chars().take(300).collect();
            bail!("{method} {path}: {status} {text}");
        }
        Ok(answer)
    }
}
