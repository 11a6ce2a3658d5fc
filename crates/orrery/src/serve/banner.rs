//! What a person sees after the start: where to look, and how to sign in.

use std::net::SocketAddr;

use crate::print;
use crate::serve::listeners::{Face, Faces};

/// How the first user gets in.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    pub(crate) user: String,
    /// The well-known default password is still the one that works.
    pub(crate) default_password: bool,
}

pub(crate) fn show(faces: &Faces, sign_in: &SignIn) -> anyhow::Result<()> {
    print(&text(&faces.addresses, sign_in))
}

fn text(addresses: &[(Face, SocketAddr)], sign_in: &SignIn) -> String {
    let line = |(face, address): &(Face, SocketAddr)| {
        let what = match face {
            Face::Portal => "Dashboards",
            Face::Prometheus => "Prometheus API",
            Face::Mimir => "Mimir push and API",
            Face::MimirQuery => "Mimir API",
        };
        format!("  {what:<20} http://{}\n", reachable(*address))
    };
    let lines: String = addresses.iter().map(line).collect();
    let password = if sign_in.default_password {
        "password admin; a new one is asked for at the first login"
    } else {
        "with the password that was set"
    };
    format!("\n{lines}\n  Sign in as {} ({password}).\n\n", sign_in.user)
}

/// An address that a browser on this machine can open.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from(([127, 0, 0, 1], address.port()))
    } else {
        address
    }
}

#[cfg(test)]
mod tests {
    use super::{Face, SignIn, text};

    #[test]
    fn names_addresses_and_the_way_in() {
        let sign_in = SignIn { user: "admin".into(), default_password: true };
        let shown = text(&[(Face::Portal, "0.0.0.0:3000".parse().unwrap())], &sign_in);
        assert!(shown.contains("http://127.0.0.1:3000"), "{shown}");
        assert!(shown.contains("password admin"), "{shown}");
    }
}
