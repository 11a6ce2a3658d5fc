#!/usr/bin/env bash
# The benchmarks of bench/RESULTS.md at a size for CI, without a verdict: start-up and idle, then
# every metrics workload. Peers on the path are compared; others can be named with PROMETHEUS=FILE
# and VICTORIA_METRICS=FILE. With arguments: `bench metrics` with these alone.
set -eu
cd "$(dirname "$0")/.."
# What is shipped is what is measured.
cargo build --locked --profile dist -p orrery
cargo build --locked --release -p bench
built=${CARGO_TARGET_DIR:-target}
target=$built/release
peers=(--orrery "$built/dist/orrery")
[ -z "${PROMETHEUS:-}" ] || peers+=(--prometheus "$PROMETHEUS")
[ -z "${VICTORIA_METRICS:-}" ] || peers+=(--victoria-metrics "$VICTORIA_METRICS")
if [ $# -gt 0 ]; then
    exec "$target/bench" metrics "${peers[@]}" "$@"
fi
"$target/bench" startup "${peers[@]}"
"$target/bench" metrics "${peers[@]}" --workload m1 --targets 100
"$target/bench" metrics "${peers[@]}" --workload m2 --targets 20
"$target/bench" metrics "${peers[@]}" --workload m2 --targets 20 --remote-write 2 --no-queries
"$target/bench" metrics "${peers[@]}" --workload m3 --targets 100
"$target/bench" metrics "${peers[@]}" --workload m4 --targets 20
"$target/bench" metrics "${peers[@]}" --workload m5 --targets 100
