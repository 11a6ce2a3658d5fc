//! Runs outside test suites against our parsers, engines and the real binary.
fn main() {}
