//! Centrifuge's JSON protocol: commands line by line, replies with the command's number, pushes
//! without. Source: centrifugal/protocol, `client.proto`.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// One command; the field that is there says which. An empty object is a pong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Command {
    pub(super) id: u32,
    connect: Option<IgnoredAny>,
    subscribe: Option<OnChannel>,
    unsubscribe: Option<OnChannel>,
    publish: Option<IgnoredAny>,
    presence: Option<OnChannel>,
    presence_stats: Option<OnChannel>,
    history: Option<IgnoredAny>,
    ping: Option<IgnoredAny>,
    send: Option<IgnoredAny>,
    rpc: Option<IgnoredAny>,
    refresh: Option<IgnoredAny>,
    sub_refresh: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct OnChannel {
    #[serde(default)]
    channel: String,
}

/// What a command asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Pong,
    Connect,
    Subscribe(String),
    Unsubscribe(String),
    Publish,
    Presence(String),
    PresenceStats(String),
    Ping,
    /// What the protocol knows and this server does not offer.
    NotOffered,
}

impl Command {
    pub(super) fn ask(self) -> (u32, Ask) {
        let offered_nowhere =
            [&self.history, &self.rpc, &self.refresh, &self.sub_refresh, &self.send];
        let ask = if self.connect.is_some() {
            Ask::Connect
        } else if let Some(on) = self.subscribe {
            Ask::Subscribe(on.channel)
        } else if let Some(on) = self.unsubscribe {
            Ask::Unsubscribe(on.channel)
        } else if self.publish.is_some() {
            Ask::Publish
        } else if let Some(on) = self.presence {
            Ask::Presence(on.channel)
        } else if let Some(on) = self.presence_stats {
            Ask::PresenceStats(on.channel)
        } else if self.ping.is_some() {
            Ask::Ping
        } else if offered_nowhere.iter().any(|field| field.is_some()) || self.id != 0 {
            Ask::NotOffered
        } else {
            Ask::Pong
        };
        (self.id, ask)
    }
}

/// An error that a reply carries; the numbers are centrifuge's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(u32, &'static str);

pub(super) const UNKNOWN_CHANNEL: Refusal = Refusal(102, "unknown channel");
pub(super) const PERMISSION_DENIED: Refusal = Refusal(103, "permission denied");
pub(super) const ALREADY_SUBSCRIBED: Refusal = Refusal(105, "already subscribed");
pub(super) const LIMIT_EXCEEDED: Refusal = Refusal(106, "limit exceeded");
pub(super) const NOT_AVAILABLE: Refusal = Refusal(108, "not available");
pub(super) const INTERNAL: Refusal = Refusal(100, "internal server error");

pub(super) fn refusal(id: u32, Refusal(code, message): Refusal) -> Value {
    json!({ "id": id, "error": { "code": code, "message": message } })
}

/// Why the server closes a connection; the numbers are centrifuge's. Those below 3500 tell the
/// client to connect again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Close(pub(super) u16, pub(super) &'static str);

pub(super) const SHUTDOWN: Close = Close(3001, "shutdown");
pub(super) const EXPIRED: Close = Close(3005, "connection expired");
pub(super) const SLOW: Close = Close(3008, "slow");
pub(super) const NO_PONG: Close = Close(3012, "no pong");
pub(super) const BAD_REQUEST: Close = Close(3501, "bad request");
pub(super) const STALE: Close = Close(3502, "stale");

/// The commands of a message. Errors: something in it is none.
pub(super) fn parse(message: &str) -> Result<Vec<(u32, Ask)>, Close> {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let command = |line: &str| {
        // A list would be read as the fields in order.
        let command = serde_json::from_str::<Command>(line).ok();
        command.filter(|_| line.starts_with('{')).map(Command::ask).ok_or(BAD_REQUEST)
    };
    lines.map(command).collect()
}

/// The dashboard whose changes a channel tells; `None` for channels that there are not, and those
/// of other organisations. Grafana's clients put the organisation's number in front.
pub(super) fn dashboard_of(channel: &str, org: i64) -> Option<&str> {
    let topic = match channel.split_once('/') {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => {
            (number.parse() == Ok(org)).then_some(rest)?
        }
        _ => channel,
    };
    let uid = topic
        .strip_prefix("grafana/dashboard/uid/")
        .or_else(|| topic.strip_prefix("dashboard:"))?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (!uid.is_empty() && uid.len() <= 40 && uid.bytes().all(is_plain)).then_some(uid)
}

pub(super) fn push(channel: &str, data: &Value) -> Value {
    json!({ "push": { "channel": channel, "pub": { "data": data } } })
}

#[cfg(test)]
mod wire {
    use super::{Ask, dashboard_of, parse};

    #[test]
    fn commands_are_read_line_by_line() {
        let check = |text: &str, want: &[(u32, Ask)]| {
            assert_eq!(parse(text).unwrap(), want, "{text}");
        };
        check("{}", &[(0, Ask::Pong)]);
        check("", &[]);
        check(r#"{"id":1,"connect":{"name":"js","data":{}}}"#, &[(1, Ask::Connect)]);
        check(
            "{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}\n{\"id\":3,\"unsubscribe\":{\"channel\":\"a\"}}\n",
            &[(2, Ask::Subscribe("a".into())), (3, Ask::Unsubscribe("a".into()))],
        );
        check(r#"{"id":4,"publish":{"channel":"a","data":1}}"#, &[(4, Ask::Publish)]);
        check(r#"{"id":5,"rpc":{}}"#, &[(5, Ask::NotOffered)]);
        check(r#"{"id":6,"unheard":{}}"#, &[(6, Ask::NotOffered)]);
        for bad in ["x", "[]", "5", r#"{"id":-1}"#, r#"{"id":1,"subscribe":5}"#, &"[".repeat(5000)]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn channels_name_dashboards_of_ones_own_organisation() {
        let check = |channel: &str, want: Option<&str>| {
            assert_eq!(dashboard_of(channel, 1), want, "{channel}");
        };
        check("1/grafana/dashboard/uid/abc", Some("abc"));
        check("grafana/dashboard/uid/abc", Some("abc"));
        check("dashboard:abc", Some("abc"));
        check("2/grafana/dashboard/uid/abc", None);
        check("99999999999999999999/grafana/dashboard/uid/abc", None);
        check("1/grafana/broadcast/abc", None);
        check("grafana/dashboard/uid/", None);
        check("grafana/dashboard/uid/a/b", None);
        check("grafana/dashboard/uid/../x", None);
        check("", None);
    }
}
