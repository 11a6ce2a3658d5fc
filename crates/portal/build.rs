//! Has the crate built again when a bundled dashboard comes or goes.

fn main() {
    println!("cargo::rerun-if-changed=../../dashboards");
    println!("cargo::rerun-if-changed=../../docker/grafana/dashboards");
}
