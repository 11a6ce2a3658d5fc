//! The orrery binary: flags, configuration, wiring, start and stop order.
fn main() {}
