//! Which addresses data sources may have: link-local ones, cloud metadata services, multicast and
//! "unspecified" are refused unless the allow-list names them. Loopback and private networks are
//! where data sources live. Pure; the resolver of `client` asks again about what a name means.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names under which clouds serve their machines' credentials.
const METADATA_NAMES: [&str; 6] = [
    "metadata.google.internal",
    "metadata.goog",
    "metadata",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.tencentyun.com",
];

/// The same by address, where it is not link-local anyway.
const METADATA_ADDRESSES: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Exceptions to what is refused: `portal.data_source_allow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    names: Vec<String>,
    networks: Vec<Network>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

/// An entry of the allow-list that is neither host, address nor network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a host name, an address nor a network like 169.254.0.0/16")]
pub struct BadAllowEntry(String);

/// Why a target is not asked. The text says how to allow it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "data source address {target} is refused: it is {kind} (list it in portal.data_source_allow \
     if it is meant)"
)]
pub(crate) struct Refused {
    pub(crate) target: String,
    pub(crate) kind: &'static str,
}

impl AllowList {
    /// Host names, addresses and networks in CIDR notation.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, BadAllowEntry> {
        let mut list = Self::default();
        for entry in entries {
            let entry = entry.as_ref().trim();
            let bad = || BadAllowEntry(entry.to_owned());
            let bare = entry.trim_start_matches('[').trim_end_matches(']');
            if let Ok(address) = bare.parse::<IpAddr>() {
                list.networks.push(Network { address, prefix: bits(address) });
            } else if let Some((address, prefix)) = entry.split_once('/') {
                let address: IpAddr = address.parse().map_err(|_| bad())?;
                let prefix: u8 = prefix.parse().map_err(|_| bad())?;
                if prefix > bits(address) {
                    return Err(bad());
                }
                list.networks.push(Network { address, prefix });
            } else if is_host_name(entry) {
                list.names.push(canonical_name(entry));
            } else {
                return Err(bad());
            }
        }
        Ok(list)
    }

    /// Whether a name or an address literal of a URL may be asked. A name that is allowed here may
    /// mean any address.
    pub(crate) fn check_host(&self, host: &str) -> Result<(), Refused> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return self.check_address(address);
        }
        let name = canonical_name(host);
        if !self.allows_name(&name) && METADATA_NAMES.contains(&name.as_str()) {
            return Err(Refused { target: host.to_owned(), kind: METADATA });
        }
        Ok(())
    }

    pub(crate) fn allows_name(&self, host: &str) -> bool {
        let name = canonical_name(host);
        self.names.contains(&name)
    }

    /// Whether an address, however it was come by, may be asked.
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<(), Refused> {
        let meant = embedded(address);
        let Some(kind) = refused_kind(meant) else { return Ok(()) };
        let allowed = |network: &Network| network.holds(address) || network.holds(meant);
        if self.networks.iter().any(allowed) {
            return Ok(());
        }
        Err(Refused { target: address.to_string(), kind })
    }
}

impl FromIterator<AllowList> for AllowList {
    fn from_iter<I: IntoIterator<Item = Self>>(lists: I) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.names.extend(list.names);
            all.networks.extend(list.networks);
        }
        all
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        let same = |own: u128, other: u128, bits: u8| {
            let free = bits - self.prefix;
            // A shift by the whole width would be none.
            own.checked_shr(u32::from(free)) == other.checked_shr(u32::from(free))
        };
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same(u128::from(own.to_bits()), u128::from(other.to_bits()), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn canonical_name(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn is_host_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 253 && text.chars().all(plain)
}

const METADATA: &str = "a cloud metadata service";

fn refused_kind(address: IpAddr) -> Option<&'static str> {
    if METADATA_ADDRESSES.contains(&address) {
        return Some(METADATA);
    }
    match address {
        IpAddr::V4(v4) if v4 == Ipv4Addr::new(169, 254, 169, 254) => Some(METADATA),
        IpAddr::V4(v4) if v4.is_link_local() => Some("link-local"),
        IpAddr::V4(v4) if v4.is_multicast() => Some("a multicast address"),
        IpAddr::V4(v4) if v4.is_broadcast() => Some("the broadcast address"),
        IpAddr::V4(v4) if v4.octets()[0] == 0 => Some("the unspecified address"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("link-local"),
        IpAddr::V6(v6) if v6.is_multicast() => Some("a multicast address"),
        IpAddr::V6(v6) if v6.is_unspecified() => Some("the unspecified address"),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}

/// The IPv4 address that an IPv6 one carries: mapped (RFC 4291 §2.5.5), NAT64 (RFC 6052) and 6to4
/// (RFC 3056) ones lead to it.
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let v4 = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        // Compatible addresses are obsolete; `::` and `::1` are none.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::{AllowList, BadAllowEntry};

    #[test]
    fn what_is_refused_and_what_is_not() {
        let list = AllowList::default();
        let check = |host: &str, refused: bool| {
            assert_eq!(list.check_host(host).is_err(), refused, "{host}");
        };
        for host in [
            "169.254.169.254",
            "169.254.0.1",
            "[fe80::1]",
            "fe80::1",
            "febf::1",
            "100.100.100.200",
            "192.0.0.192",
            "[fd00:ec2::254]",
            "metadata.google.internal",
            "METADATA.google.Internal.",
            "metadata",
            "0.0.0.0",
            "0.1.2.3",
            "[::]",
            "224.0.0.1",
            "[ff02::1]",
            "255.255.255.255",
            "[::ffff:169.254.169.254]",
            "[::ffff:0.0.0.0]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::1]",
            "[::a9fe:a9fe]",
        ] {
            check(host, true);
        }
        for host in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "10.0.0.1",
            "172.16.1.1",
            "192.168.1.1",
            "[fd00::1]",
            "prometheus",
            "example.org",
            "metadata.example.org",
            "100.100.100.201",
            "8.8.8.8",
            "[2001:db8::1]",
        ] {
            check(host, false);
        }
    }

    #[test]
    fn the_list_makes_exceptions() {
        let entries = ["169.254.7.0/24", "fe80::/10", "metadata", "0.0.0.0/0"];
        let check = |entries: &[&str], host: &str, allowed: bool| {
            let list = AllowList::parse(entries).unwrap();
            assert_eq!(list.check_host(host).is_ok(), allowed, "{entries:?} {host}");
        };
        check(&entries[..1], "169.254.7.9", true);
        check(&entries[..1], "169.254.8.9", false);
        check(&entries[..1], "[::ffff:169.254.7.9]", true);
        check(&entries[1..2], "[fe80::5]", true);
        check(&entries[2..3], "metadata.", true);
        check(&entries[2..3], "metadata.google.internal", false);
        check(&entries[3..], "169.254.169.254", true);
        check(&["169.254.169.254"], "169.254.169.254", true);
    }

    #[test]
    fn entries_that_mean_nothing_are_named() {
        for entry in ["", "10.0.0.0/33", "x/8", "http://host", "fe80::/129", "a b"] {
            assert_eq!(AllowList::parse(&[entry]), Err(BadAllowEntry(entry.to_owned())), "{entry}");
        }
    }

    #[test]
    fn a_refusal_names_the_setting() {
        let refused = AllowList::default().check_host("169.254.1.1").unwrap_err();
        let text = refused.to_string();
        assert!(
            text.contains("169.254.1.1") && text.contains("portal.data_source_allow"),
            "{text}"
        );
    }
}
