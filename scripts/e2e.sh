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
# Journeys, each a file of web/test/e2e that stands by itself.
for journey in run editor viewer panels-canvas panels-more explore tables admin; do
  echo "$journey"
  (cd "$(dirname "$0")/../web" &&
    ORRERY_URL=$PORTAL ORRERY_USER=admin ORRERY_PASSWORD=admin SCREENSHOTS=$screenshots \
      node "test/e2e/$journey.mjs") || status=$?
done
# Every named dashboard, with a day of the demo behind it.
echo named-dashboards
"$binary" demo --target "$PROMETHEUS" --history 24h --interval 30s --once
(cd "$(dirname "$0")/../web" && ORRERY_URL=$PORTAL ORRERY_USER=admin ORRERY_PASSWORD=admin \
  node test/e2e/named-dashboards.mjs) || status=$?
[ "$status" = 0 ] || { echo "server log:"; tail -20 "$work/log"; }
exit "$status"
