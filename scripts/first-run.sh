#!/usr/bin/env bash
# The first-run stopwatch: from exec on an empty directory until the server is ready, and until
# every panel of "This host" in a real browser shows data. Usage: first-run.sh BINARY
set -eu
binary=$1
work=$(mktemp -d)
. "$(dirname "$0")/server.sh"
trap 'stop_server; rm -rf "$work"' EXIT
now_ms() { date +%s%3N; }
started=$(now_ms)
start_server
echo "ready after $(($(now_ms) - started)) ms (polled every 100 ms)"
cd "$(dirname "$0")/../web"
ORRERY_URL=$PORTAL ORRERY_USER=admin ORRERY_PASSWORD=admin node test/e2e/first-run.mjs
echo "useful dashboard after $(($(now_ms) - started)) ms, sign-in and browser start included"
