//! The simulated implementations against the contract suites of the real ones.

use std::path::Path;

use platform::{DirObjects, contract};
use platform_sim::SimPlatform;

#[test]
fn sim_clock_and_random() {
    let platform = SimPlatform::new(1).platform();
    contract::clock(&*platform.clock);
    contract::random(&*platform.random);
}

#[test]
fn sim_disk() {
    let disk = SimPlatform::new(1).disk();
    disk.create_dir_all(Path::new("/contract")).expect("create dir");
    contract::disk(&*disk, Path::new("/contract"));
}

#[test]
fn objects_in_a_sim_directory() {
    let store = DirObjects::open(SimPlatform::new(1).disk(), "/objects").expect("open");
    contract::objects(&store);
}
