//! The host's implementations against the contract suites.

use std::sync::Arc;

use platform::{DirObjects, HostClock, HostDisk, HostRandom, contract};

#[test]
fn host_clock() {
    contract::clock(&HostClock::new());
}

#[test]
fn host_random() {
    contract::random(&HostRandom);
}

#[test]
fn host_disk() {
    let dir = tempfile::tempdir().expect("temporary directory");
    contract::disk(&HostDisk, dir.path());
}

#[test]
fn objects_in_a_host_directory() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let store = DirObjects::open(Arc::new(HostDisk), dir.path().join("objects")).expect("open");
    contract::objects(&store);
}
