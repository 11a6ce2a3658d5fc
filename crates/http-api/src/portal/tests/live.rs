//! Grafana Live over real sockets.

use axum::body::Body;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::site::{ADMIN, As, Site, VIEWER, request};
use crate::portal::sources::tests::server::serve;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens the socket; the status when it is refused.
async fn open(portal: &str, pairs: &[(&'static str, &str)]) -> Result<Socket, u16> {
    let url = portal.replace("http", "ws") + "/api/live/ws";
    let mut request = url.into_client_request().unwrap();
    for (name, value) in pairs {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(refused)) => Err(refused.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

async fn ask(socket: &mut Socket, text: &Value) -> Value {
    socket.send(Message::text(text.to_string())).await.unwrap();
    hear(socket).await
}

async fn hear(socket: &mut Socket) -> Value {
    let message = socket.next().await.unwrap().unwrap();
    let text = message.into_text().unwrap();
    serde_json::from_str(text.as_str()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn cookie(site: &Site) -> String {
    match site.sign_in().await {
        As::Cookie(pair) => pair,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_saved_dashboard_is_told_to_those_who_look_at_it() {
    let site = Site::start().await;
    let portal = serve(crate::portal::router(&site.state)).await;
    let cookie = cookie(&site).await;
    let mut socket = open(&portal, &[("cookie", &cookie), ("origin", &portal)]).await.unwrap();
    let connected = ask(&mut socket, &json!({ "id": 1, "connect": {} })).await;
    assert_eq!((&connected["id"], &connected["connect"]["ping"]), (&json!(1), &json!(25)));
    assert_eq!(connected["connect"]["pong"], true);
    let channel = "1/grafana/dashboard/uid/mine";
    let check = async |socket: &mut Socket, command: Value, want: Value| {
        let answer = ask(socket, &command).await;
        assert_eq!(answer, want, "{command}");
    };
    let on = |id: u32, what: &str, channel: &str| json!({ "id": id, what: { "channel": channel } });
    check(&mut socket, on(2, "subscribe", channel), json!({ "id": 2, "subscribe": {} })).await;
    let twice = ask(&mut socket, &on(3, "subscribe", channel)).await;
    assert_eq!(twice["error"]["code"], 105);
    let foreign = ask(&mut socket, &on(4, "subscribe", "2/grafana/dashboard/uid/mine")).await;
    assert_eq!(foreign["error"]["code"], 102);
    let publish = json!({ "id": 5, "publish": { "channel": channel, "data": {} } });
    assert_eq!(ask(&mut socket, &publish).await["error"]["code"], 103);
    let presence = ask(&mut socket, &on(6, "presence", channel)).await;
    assert_eq!(presence["presence"]["presence"].as_object().unwrap().len(), 1);

    let board = json!({ "dashboard": { "uid": "mine", "title": "Mine" }, "message": "<b>why</b>" });
    assert_eq!(site.post("/api/dashboards/db", &ADMIN, &board).await.status, 200);
    let told = hear(&mut socket).await;
    assert_eq!(told["push"]["channel"], channel);
    let data = &told["push"]["pub"]["data"];
    assert_eq!((&data["uid"], &data["action"]), (&json!("mine"), &json!("saved")));
    assert_eq!((&data["message"], &data["user"]["login"]), (&json!("<b>why</b>"), &json!("admin")));

    let gone = request("DELETE", "/api/dashboards/uid/mine", &ADMIN, Body::empty());
    assert_eq!(site.send(gone).await.status, 200);
    assert_eq!(hear(&mut socket).await["push"]["pub"]["data"]["action"], "deleted");
    check(&mut socket, on(7, "unsubscribe", channel), json!({ "id": 7, "unsubscribe": {} })).await;
    socket.close(None).await.unwrap();
}

#[tokio::test]
async fn strangers_foreign_pages_and_nonsense_are_refused() {
    let site = Site::start().await;
    let portal = serve(crate::portal::router(&site.state)).await;
    assert_eq!(open(&portal, &[]).await.err(), Some(401));
    let cookie = cookie(&site).await;
    let foreign = [("cookie", cookie.as_str()), ("origin", "http://evil.example")];
    assert_eq!(open(&portal, &foreign).await.err(), Some(403));
    // Without an upgrade it is an ordinary question, and a wrong one.
    assert_eq!(site.get("/api/live/ws", &VIEWER).await.status, 400);
    assert_eq!(site.get("/api/live/list", &ADMIN).await.json(), json!({ "channels": [] }));

    let big = "x".repeat(70 << 10);
    for bad in ["nonsense", r#"{"id":1,"subscribe":{"channel":"dashboard:board"}}"#, &big] {
        let mut socket = open(&portal, &[("cookie", &cookie)]).await.unwrap();
        // One too long may be refused while it is still being sent.
        socket.send(Message::text(bad.to_owned())).await.ok();
        let end = socket.next().await;
        let closed = matches!(end, None | Some(Err(_) | Ok(Message::Close(_))));
        assert!(closed, "{end:?}");
    }
}
