#!/usr/bin/env bash
# Browser tests: the UI in Chromium against the real binary. Usage: e2e.sh BINARY
# SCREENSHOTS=DIR keeps the pictures.
set -eu
binary=$1
work=$(mktemp -d)
. "$(dirname "$0")/server.sh"
trap 'stop_server; rm -rf "$work"' EXIT
start_server
screenshots=${SCREENSHOTS:-$work/screenshots}
mkdir -p "$screenshots"
status=0
(cd "$(dirname "$0")/../web" &&
  ORRERY_URL=$PORTAL ORRERY_USER=admin ORRERY_PASSWORD=admin SCREENSHOTS=$screenshots \
    npm run --silent e2e) || status=$?
[ "$status" = 0 ] || { echo "server log:"; tail -20 "$work/log"; }
exit "$status"
