//! The parts of a page, one file a subject; each reads its files and writes its families.

mod cpu;
mod disk;
mod hwmon;
mod kernel;
mod memory;
mod network;
mod pressure;
mod protocols;
mod system;

pub(crate) use cpu::Cpu;
pub(crate) use disk::diskstats;
pub(crate) use hwmon::hwmon;
pub(crate) use kernel::{entropy, filefd, loadavg, stat, time};
pub(crate) use memory::{meminfo, vmstat};
pub(crate) use network::{arp, netclass, netdev};
pub(crate) use pressure::pressure;
pub(crate) use protocols::{conntrack, netstat, sockstat};
pub(crate) use system::{os, uname};
