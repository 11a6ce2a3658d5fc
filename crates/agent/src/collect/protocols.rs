//! Network protocols: counters of `/proc/net/{snmp,netstat,snmp6}`, sockets in use, and
//! connection tracking.

use std::io;

use crate::page::{Kind, Page};
use crate::source::{Roots, malformed, number};

pub(crate) fn netstat(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let mut show = |protocol: &str, field: &str, value: f64| {
        if is_netstat_wanted(protocol, field) {
            let help = format!("{field} of protocol {protocol}.");
            let name = format!("node_netstat_{protocol}_{field}");
            page.single(&name, Kind::Untyped, &help, value);
        }
    };
    for file in ["net/netstat", "net/snmp"] {
        let text = roots.read_proc(file)?;
        let mut lines = text.lines();
        // Lines come in pairs: the names, then the values, each behind the protocol's name.
        while let (Some(names), Some(values)) = (lines.next(), lines.next()) {
            let (protocol, names) = names.split_once(':').ok_or_else(|| malformed(file))?;
            let (again, values) = values.split_once(':').ok_or_else(|| malformed(file))?;
            if protocol != again {
                return Err(malformed(file));
            }
            for (field, value) in
                names.split_ascii_whitespace().zip(values.split_ascii_whitespace())
            {
                show(protocol, field, number(value).ok_or_else(|| malformed(file))?);
            }
        }
    }
    // Absent where IPv6 is turned off.
    for line in roots.read_proc("net/snmp6").unwrap_or_default().lines() {
        let mut words = line.split_ascii_whitespace();
        let (Some(name), Some(value)) = (words.next(), words.next().and_then(number)) else {
            continue;
        };
        // `Udp6InErrors`: the protocol ends with the first 6.
        if let Some(at) = name.find('6') {
            let (protocol, field) = name.split_at(at + 1);
            show(protocol, field, value);
        }
    }
    Ok(())
}

/// The default choice of `node_exporter`.
fn is_netstat_wanted(protocol: &str, field: &str) -> bool {
    const TCP: [&str; 7] =
        ["ActiveOpens", "InSegs", "OutSegs", "OutRsts", "PassiveOpens", "RetransSegs", "CurrEstab"];
    const TCP_EXT: [&str; 4] = ["TCPSynRetrans", "TCPTimeouts", "TCPOFOQueue", "TCPRcvQDrop"];
    const UDP: [&str; 5] =
        ["InDatagrams", "OutDatagrams", "NoPorts", "RcvbufErrors", "SndbufErrors"];
    matches!(field, "InErrors" | "InErrs")
        || match protocol {
            "Ip" => field == "Forwarding",
            "Ip6" | "IpExt" => matches!(field, "InOctets" | "OutOctets"),
            "Icmp" | "Icmp6" => matches!(field, "InMsgs" | "OutMsgs"),
            "TcpExt" => {
                let prefixed = field.starts_with("Listen") || field.starts_with("Syncookies");
                prefixed || TCP_EXT.contains(&field)
            }
            "Tcp" => TCP.contains(&field),
            "Udp" | "Udp6" => UDP.contains(&field),
            _ => false,
        }
}

pub(crate) fn sockstat(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let mut text = roots.read_proc("net/sockstat")?;
    text.push_str(&roots.read_proc("net/sockstat6").unwrap_or_default());
    let page_bytes = rustix::param::page_size() as f64;
    for line in text.lines() {
        let (protocol, pairs) = line.split_once(':').ok_or_else(|| malformed("net/sockstat"))?;
        let mut words = pairs.split_ascii_whitespace();
        while let (Some(field), Some(value)) = (words.next(), words.next().and_then(number)) {
            let name = format!("node_sockstat_{protocol}_{field}");
            let help = format!("Sockets of protocol {protocol}: {field}.");
            page.single(&name, Kind::Gauge, &help, value);
            // In pages only where the kernel accounts a whole protocol.
            if field == "mem" {
                let help = format!("Memory of the sockets of protocol {protocol}.");
                page.single(&format!("{name}_bytes"), Kind::Gauge, &help, value * page_bytes);
            }
        }
    }
    Ok(())
}

pub(crate) fn conntrack(roots: &Roots, page: &mut Page<'_>) -> io::Result<()> {
    let entries = roots.read_proc_number("sys/net/netfilter/nf_conntrack_count")?;
    let help = "Connections the packet filter tracks.";
    page.single("node_nf_conntrack_entries", Kind::Gauge, help, entries);
    let limit = roots.read_proc_number("sys/net/netfilter/nf_conntrack_max")?;
    let help = "Connections the packet filter can track.";
    page.single("node_nf_conntrack_entries_limit", Kind::Gauge, help, limit);

    // One line a CPU, hexadecimal, below a line of names.
    let text = roots.read_proc("net/stat/nf_conntrack").unwrap_or_default();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split_ascii_whitespace().collect();
    let mut sums = vec![0_u64; names.len()];
    for line in lines {
        for (sum, word) in sums.iter_mut().zip(line.split_ascii_whitespace()) {
            let value = u64::from_str_radix(word, 16).map_err(|_| malformed("nf_conntrack"))?;
            *sum = sum.saturating_add(value);
        }
    }
    let families = [
        ("found", "Lookups that succeeded."),
        ("invalid", "Packets that could not be tracked."),
        ("ignore", "Packets of connections already known."),
        ("insert", "Entries inserted."),
        ("insert_failed", "Entries that were there already or could not be inserted."),
        ("drop", "Packets dropped because an entry could not be made."),
        ("early_drop", "Entries given up to make room."),
        ("search_restart", "Lookups begun again because the table was resized."),
    ];
    for (column, help) in families {
        if let Some((_, sum)) = names.iter().zip(&sums).find(|(name, _)| **name == column) {
            let name = format!("node_nf_conntrack_stat_{column}");
            page.single(&name, Kind::Gauge, help, *sum as f64);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_fields_are_chosen() {
        let wanted = [
            ("Tcp", "CurrEstab"),
            ("TcpExt", "ListenDrops"),
            ("TcpExt", "SyncookiesSent"),
            ("UdpLite", "InErrors"),
            ("Tcp", "InErrs"),
            ("Ip6", "InOctets"),
            ("Udp6", "NoPorts"),
        ];
        for (protocol, field) in wanted {
            assert!(is_netstat_wanted(protocol, field), "{protocol} {field}");
        }
        for (protocol, field) in [("Ip", "InReceives"), ("TcpExt", "TW"), ("UdpLite", "NoPorts")] {
            assert!(!is_netstat_wanted(protocol, field), "{protocol} {field}");
        }
    }
}
