//! Conversations with the portal as text: who asks what, and what the answer must be.
//!
//! ```text
//! # A remark.
//! > eddy POST /api/annotations {"text":"a"}   a question, with the JSON of its body
//! 200 Annotation added                        the status, and a part of the answer
//! = /id 1                                     what stands at a JSON pointer
//! keep id /id                                 ${id} stands for it from now on
//! not secret                                  what the answer must not hold
//! ```

use std::collections::HashMap;

use axum::body::Body;
use axum::http::header;
use serde_json::Value;

use super::site::{ADMIN, Answer, As, Site, VIEWER, request};

fn who(name: &str) -> As {
    match name {
        "nobody" => As::Nobody,
        "admin" => ADMIN,
        "vera" => VIEWER,
        "eddy" => As::Basic("eddy", "editor password"),
        "orla" => As::Basic("orla", "org admin password"),
        "nora" => As::Basic("nora", "no role at all"),
        other => panic!("nobody is called {other:?}"),
    }
}

/// Runs a script; every answer must be hardened, whatever it says.
pub(super) async fn run(site: &Site, script: &str) -> HashMap<String, String> {
    let mut kept: HashMap<String, String> = HashMap::new();
    let mut asked: Option<(String, Answer)> = None;
    for line in script.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let mut line = line.to_owned();
        for (name, value) in &kept {
            line = line.replace(&format!("${{{name}}}"), value);
        }
        if let Some(question) = line.strip_prefix("> ") {
            asked = Some((line.clone(), ask(site, question).await));
            continue;
        }
        let (question, answer) = asked.as_ref().expect("a question comes first");
        let place = format!("{question}\n{line}\n{} {}", answer.status, answer.text());
        check(&line, answer, &place, &mut kept);
    }
    kept
}

async fn ask(site: &Site, question: &str) -> Answer {
    let mut parts = question.splitn(4, ' ');
    let (name, method, path) =
        (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let body = parts.next().unwrap_or_default().to_owned();
    let mut request = request(method, path, &who(name), Body::from(body));
    let json = "application/json".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    let answer = site.send(request).await;
    assert_eq!(answer.header(&header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{question}");
    answer
}

fn check(line: &str, answer: &Answer, place: &str, kept: &mut HashMap<String, String>) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "=" => {
            let (pointer, want) = rest.split_once(' ').expect("a pointer and a value");
            let want: Value = serde_json::from_str(want).unwrap();
            assert_eq!(answer.json().pointer(pointer), Some(&want), "{place}");
        }
        "keep" => {
            let (name, pointer) = rest.split_once(' ').expect("a name and a pointer");
            let answer = answer.json();
            let value = answer.pointer(pointer).unwrap_or_else(|| panic!("{place}"));
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            kept.insert(name.to_owned(), text);
        }
        "not" => assert!(!answer.text().contains(rest), "{place}"),
        status => {
            assert_eq!(answer.status.as_str(), status, "{place}");
            assert!(answer.text().contains(rest), "{place}");
        }
    }
}
