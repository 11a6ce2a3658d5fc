//! The same work against Orrery and its peers, printed as ratios.
fn main() {}
