#!/usr/bin/env bash
# The benchmarks of bench/RESULTS.md: start-up and idle, then remote write. Peers on the path are
# compared; others can be named with PROMETHEUS=FILE and VICTORIA_METRICS=FILE.
set -eu
cd "$(dirname "$0")/.."
cargo build --locked --release -p orrery -p bench
target=${CARGO_TARGET_DIR:-target}/release
peers=(--orrery "$target/orrery")
[ -z "${PROMETHEUS:-}" ] || peers+=(--prometheus "$PROMETHEUS")
[ -z "${VICTORIA_METRICS:-}" ] || peers+=(--victoria-metrics "$VICTORIA_METRICS")
"$target/bench" startup "${peers[@]}"
"$target/bench" remote-write "${peers[@]}" "$@"
