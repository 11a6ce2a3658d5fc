//! WebSockets through the proxy.

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::any;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message as Sent};

use super::server::{make_source, serve};
use crate::portal::tests::site::Site;

/// Says what it was asked with, then repeats what it hears.
async fn tail(upgrade: WebSocketUpgrade, headers: HeaderMap) -> Response {
    let cookie = headers.contains_key("cookie");
    upgrade.on_upgrade(move |mut socket| async move {
        socket.send(Message::text(format!("cookie={cookie}"))).await.unwrap();
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

#[tokio::test]
async fn both_ends_talk_through_the_proxy() {
    let upstream = serve(Router::new().route("/loki/api/v1/tail", any(tail))).await;
    let site = Site::start().await;
    make_source(&site, "loki", &upstream, &json!({})).await;
    let portal = serve(crate::portal::router(&site.state)).await;
    let cookie = match site.sign_in().await {
        crate::portal::tests::site::As::Cookie(pair) => pair,
        other => panic!("{other:?}"),
    };
    let url = portal.replace("http", "ws") + "/api/datasources/proxy/far2/loki/api/v1/tail?query=x";
    let asked = |origin: &str| {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request
    };
    let (mut socket, _) = connect_async(asked(&portal)).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Sent::text("cookie=false"));
    for text in ["one", "two"] {
        socket.send(Sent::text(text)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Sent::text(text));
    }
    socket.close(None).await.unwrap();

    let foreign = connect_async(asked("http://evil.example")).await.unwrap_err();
    let tungstenite::Error::Http(refused) = foreign else { panic!("{foreign}") };
    assert_eq!(refused.status(), 403);
}
