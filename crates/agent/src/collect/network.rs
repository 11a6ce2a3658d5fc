//! Network interfaces: traffic from `/proc/net/dev`, state from `/sys/class/net`, neighbours from
//! `/proc/net/arp`.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::page::{Kind, Page};
use crate::source::{Roots, attribute, malformed, names, number};

/// The columns of `/proc/net/dev` in order, with the help text of each family.
const TRAFFIC: [(&str, &str); 16] = [
    ("receive_bytes", "Bytes received."),
    ("receive_packets", "Packets received."),
    ("receive_errs", "Packets received broken."),
    ("receive_drop", "Received packets dropped for want of room."),
    ("receive_fifo", "Receive queue overruns."),
    ("receive_frame", "Frame alignment errors."),
    ("receive_compressed", "Compressed packets received."),
    ("receive_multicast", "Multicast packets received."),
    ("transmit_bytes", "Bytes sent."),
    ("transmit_packets", "Packets sent."),
    ("transmit_errs", "Packets that could not be sent."),
    ("transmit_drop", "Packets dropped before they were sent."),
    ("transmit_fifo", "Send queue overruns."),
    ("transmit_colls", "Collisions."),
    ("transmit_carrier", "Packets lost because the carrier was lost."),
    ("transmit_compressed", "Compressed packets sent."),
];

pub(crate) fn netdev(roots: &Roots, devices_max: usize, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_proc("net/dev")?;
    let mut devices: Vec<(&str, Vec<f64>)> = Vec::new();
    // Two lines of headings come first; only they have no colon.
    for (name, rest) in text.lines().filter_map(|line| line.split_once(':')).take(devices_max) {
        let values = rest.split_ascii_whitespace().map(number).collect::<Option<Vec<f64>>>();
        devices.push((name.trim(), values.ok_or_else(|| malformed("/proc/net/dev"))?));
    }
    for (column, (name, help)) in TRAFFIC.iter().enumerate() {
        let values =
            devices.iter().filter_map(|(device, values)| Some((*device, *values.get(column)?)));
        page.by_device(&format!("node_network_{name}_total"), Kind::Counter, help, values);
    }
    let unhandled: Vec<(&str, f64)> = devices
        .iter()
        .filter_map(|(device, _)| {
            let dir = roots.sys.join("class/net").join(device).join("statistics");
            Some((*device, number(&attribute(&dir, "rx_nohandler")?)?))
        })
        .collect();
    page.by_device(
        "node_network_receive_nohandler_total",
        Kind::Counter,
        "Packets received by an interface that takes no part in the network.",
        unhandled.into_iter(),
    );
    Ok(())
}

struct Property {
    file: &'static str,
    name: &'static str,
    kind: Kind,
    scale: f64,
    help: &'static str,
}

const fn gauge(file: &'static str, name: &'static str, help: &'static str) -> Property {
    Property { file, name, kind: Kind::Gauge, scale: 1.0, help }
}

const fn counter(file: &'static str, name: &'static str, help: &'static str) -> Property {
    Property { file, name, kind: Kind::Counter, scale: 1.0, help }
}

const PROPERTIES: [Property; 17] = [
    gauge("addr_assign_type", "address_assign_type", "How the hardware address was chosen."),
    gauge("carrier", "carrier", "Whether a cable or its like is connected."),
    counter("carrier_changes", "carrier_changes_total", "Times the carrier came or went."),
    counter("carrier_up_count", "carrier_up_changes_total", "Times the carrier came."),
    counter("carrier_down_count", "carrier_down_changes_total", "Times the carrier went."),
    gauge("dev_id", "device_id", "Tells apart interfaces that share a hardware address."),
    gauge("dormant", "dormant", "Whether the interface waits for something outside."),
    gauge("flags", "flags", "The interface's flags as one number."),
    gauge("ifindex", "iface_id", "The interface's index."),
    gauge("iflink", "iface_link", "The index of the interface it is linked to."),
    gauge("link_mode", "iface_link_mode", "The link mode as a number."),
    gauge("mtu", "mtu_bytes", "The largest packet the interface sends."),
    gauge("name_assign_type", "name_assign_type", "How the interface's name was chosen."),
    gauge("netdev_group", "net_dev_group", "The group the interface belongs to."),
    gauge("tx_queue_len", "transmit_queue_length", "Packets the send queue holds."),
    gauge("type", "protocol_type", "The link layer protocol as a number."),
    // Megabits a second.
    Property {
        file: "speed",
        name: "speed_bytes",
        kind: Kind::Gauge,
        scale: 125_000.0,
        help: "The link's speed in bytes a second.",
    },
];

struct Interface {
    name: String,
    dir: PathBuf,
    state: String,
}

pub(crate) fn netclass(roots: &Roots, devices_max: usize, page: &mut Page<'_>) -> io::Result<()> {
    let class = roots.sys.join("class/net");
    let interfaces: Vec<Interface> = names(&class, usize::MAX)?
        .into_iter()
        .filter_map(|name| {
            let dir = class.join(&name);
            // Also skips files that are no interface, such as `bonding_masters`.
            let state = attribute(&dir, "operstate")?;
            Some(Interface { name, dir, state })
        })
        .take(devices_max)
        .collect();
    page.by_device(
        "node_network_up",
        Kind::Gauge,
        "Whether the interface is in operation.",
        interfaces.iter().map(|i| (i.name.as_str(), f64::from(i.state == "up"))),
    );
    network_info(&interfaces, page);
    for property in &PROPERTIES {
        let values = interfaces.iter().filter_map(|interface| {
            let text = attribute(&interface.dir, property.file)?;
            Some((interface.name.as_str(), flexible_number(&text)? * property.scale))
        });
        let name = format!("node_network_{}", property.name);
        page.by_device(&name, property.kind, property.help, values);
    }
    Ok(())
}

fn network_info(interfaces: &[Interface], page: &mut Page<'_>) {
    if interfaces.is_empty() {
        return;
    }
    page.family("node_network_info", Kind::Gauge, "What is known about an interface; always 1.");
    for Interface { name, dir, state } in interfaces {
        let text = |file| attribute(dir, file).unwrap_or_default();
        // IFF_UP, netdevice(7).
        let admin = match flexible_number(&text("flags")) {
            Some(flags) if flags as u64 & 1 == 1 => "up",
            Some(_) => "down",
            None => "unknown",
        };
        let (address, broadcast) = (text("address"), text("broadcast"));
        let (duplex, ifalias) = (text("duplex"), text("ifalias"));
        let labels = [
            ("address", address.as_str()),
            ("adminstate", admin),
            ("broadcast", &broadcast),
            ("device", name),
            ("duplex", &duplex),
            ("ifalias", &ifalias),
            ("operstate", state),
        ];
        page.sample(&labels, 1.0);
    }
}

/// Some attributes are written in hexadecimal, with a prefix that says so.
fn flexible_number(text: &str) -> Option<f64> {
    match text.strip_prefix("0x") {
        Some(digits) => Some(u64::from_str_radix(digits, 16).ok()? as f64),
        None => number(text),
    }
}

pub(crate) fn arp(roots: &Roots, devices_max: usize, page: &mut Page<'_>) -> io::Result<()> {
    let text = roots.read_proc("net/arp")?;
    let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let device = line.split_ascii_whitespace().nth(5).ok_or_else(|| malformed("net/arp"))?;
        if counts.len() < devices_max || counts.contains_key(device) {
            *counts.entry(device).or_default() += 1.0;
        }
    }
    let help = "Neighbours whose hardware address is known.";
    page.by_device("node_arp_entries", Kind::Gauge, help, counts.into_iter());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_hexadecimal() {
        let table = [
            ("0x1003", Some(4099.0)),
            ("1500", Some(1500.0)),
            ("-1", Some(-1.0)),
            ("0x", None),
            ("", None),
            ("up", None),
        ];
        for (text, want) in table {
            assert_eq!(flexible_number(text), want, "{text}");
        }
    }
}
