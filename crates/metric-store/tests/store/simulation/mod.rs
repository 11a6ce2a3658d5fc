//! Every operation of the store under crashes, torn writes, lost syncs, failing and full disks,
//! rotting files and jumping clocks: nothing acknowledged is lost, nothing deleted or expired
//! comes back, nothing is made up, what is damaged is named, and what is started ends.
//!
//! `ORRERY_SIM_SEEDS=17 cargo test -p metric-store --test store simulation` repeats one seed.

mod damage;
mod ledger;
mod life;

use platform_sim::{DriveOptions, drive, for_each_seed};

use life::{Life, Trouble};

fn check(seed: u64, trouble: Trouble) {
    let options = DriveOptions { lives: 4, ops_max: 240, lying: trouble.lying };
    drive(seed, options, &mut Life::new(seed, trouble));
}

#[test]
fn nothing_acknowledged_is_lost_whatever_the_machine_does() {
    for_each_seed(0..700, |seed| check(seed, Trouble::default()));
}

#[test]
fn rot_costs_what_is_in_the_file_and_nothing_else() {
    for_each_seed(1000..1400, |seed| check(seed, Trouble { rot: true, lying: false }));
}

#[test]
fn a_disk_that_lies_about_syncs_cannot_make_recovery_fail() {
    for_each_seed(2000..2150, |seed| check(seed, Trouble { rot: false, lying: true }));
}
