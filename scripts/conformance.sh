#!/usr/bin/env bash
# Runs the outside suites that lie beside the project; says so and passes where they do not.
set -eu
cd "$(dirname "$0")/.."
cases=../shared/conformance
if [ ! -d "$cases" ]; then
  echo "conformance: no $cases beside this checkout, skipped"
  exit 0
fi
run() { cargo run --locked --quiet --release -p conformance -- "$@"; }
run promql "$cases/promql"
run grafana "$cases/grafana"
if command -v prometheus >/dev/null && [ -x target/release/orrery ]; then
  run promql-diff --orrery target/release/orrery --expressions 200
else
  echo "conformance: promql-diff needs prometheus on the path and target/release/orrery, skipped"
fi
