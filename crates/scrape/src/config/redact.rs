//! A configuration printed back without its secrets.

use super::yaml::{Kind, Node};

const SECRET_KEYS: [&str; 18] = [
    "password",
    "bearer_token",
    "credentials",
    "client_secret",
    "client_certificate_key",
    "certificate_password",
    "secret_key",
    "token",
    "auth_token",
    "key",
    "key_passphrase",
    "application_secret",
    "application_credential_secret",
    "consumer_key",
    "service_account_key",
    "private_key",
    "secrets",
    "proxy_url",
];

/// YAML of the same content; values of secret keys are `<secret>`.
pub(super) fn print(root: &Node) -> String {
    let mut out = String::new();
    if !root.is_null() {
        print_node(root, 0, false, &mut out);
    }
    out
}

fn print_node(node: &Node, indent: usize, secret: bool, out: &mut String) {
    let pad = "  ".repeat(indent);
    match &node.kind {
        Kind::Map(entries) if !entries.is_empty() => {
            for (i, (key, value)) in entries.iter().enumerate() {
                if i > 0 || indent == 0 || !out.ends_with("- ") {
                    out.push_str(&pad);
                }
                let name = key.scalar().unwrap_or_default();
                out.push_str(&scalar(name, true));
                out.push(':');
                print_value(value, indent, SECRET_KEYS.contains(&name), out);
            }
        }
        Kind::List(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&pad);
                out.push_str("- ");
                match &item.kind {
                    Kind::Map(entries) if !entries.is_empty() => {
                        print_node(item, indent + 1, secret, out);
                    }
                    Kind::List(inner) if !inner.is_empty() => {
                        out.pop();
                        out.push('\n');
                        print_node(item, indent + 1, secret, out);
                    }
                    _ => push_leaf(item, secret, out),
                }
            }
        }
        _ => push_leaf(node, secret, out),
    }
}

fn print_value(value: &Node, indent: usize, secret: bool, out: &mut String) {
    match &value.kind {
        Kind::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            print_node(value, indent + 1, secret, out);
        }
        Kind::List(items) if !items.is_empty() => {
            out.push('\n');
            print_node(value, indent, secret, out);
        }
        _ => {
            out.push(' ');
            push_leaf(value, secret, out);
        }
    }
}

fn push_leaf(node: &Node, secret: bool, out: &mut String) {
    let text = match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::List(_) => "[]".to_owned(),
        Kind::Map(_) => "{}".to_owned(),
        Kind::Scalar { .. } if secret => "<secret>".to_owned(),
        Kind::Scalar { text, plain } => scalar(text, *plain),
    };
    out.push_str(&text);
    out.push('\n');
}

/// Plain when the text reads back as it stands, quoted otherwise.
fn scalar(text: &str, plain: bool) -> String {
    let safe = |c: char| c.is_alphanumeric() || "_-./+()$".contains(c);
    if plain && !text.is_empty() && !text.starts_with('-') && text.chars().all(safe) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let code = u32::from(c);
                out.push_str("\\x");
                out.extend(
                    [code >> 4 & 15, code & 15].map(|d| char::from_digit(d, 16).unwrap_or('0')),
                );
            }
            c => out.push(c),
        }
    }
    out + "\""
}
