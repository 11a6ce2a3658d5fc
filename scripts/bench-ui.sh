#!/usr/bin/env bash
# Measures the page in Chromium against a built binary with four hours of the demo, and prints
# Markdown for bench/RESULTS.md. Usage: bench-ui.sh BINARY; RUNS, SECONDS and ONLY as page.mjs says.
set -eu
binary=$1
work=$(mktemp -d)
. "$(dirname "$0")/server.sh"
DEMO_PID=
trap '[ -z "$DEMO_PID" ] || kill "$DEMO_PID" 2>/dev/null || true; stop_server; rm -rf "$work"' EXIT
start_server
"$binary" demo --target "$PROMETHEUS" --history 4h >"$work/demo.log" 2>&1 &
DEMO_PID=$!
for _ in $(seq 600); do
  grep -q "up to date" "$work/demo.log" && break
  kill -0 "$DEMO_PID" 2>/dev/null || { cat "$work/demo.log" >&2; exit 1; }
  sleep 0.2
done
cd "$(dirname "$0")/../web"
ORRERY_URL=$PORTAL ORRERY_USER=admin ORRERY_PASSWORD=admin SERVER_PID=$SERVER_PID node test/bench/page.mjs
