#!/usr/bin/env bash
# Browser tests: the UI in Chromium against the real binary. Usage: e2e.sh BINARY
# SCREENSHOTS=DIR keeps the pictures.
set -eu
binary=$1
work=$(mktemp -d)
. "$(dirname "$0")/server.sh"
DEMO_PID=
trap '[ -z "$DEMO_PID" ] || kill "$DEMO_PID" 2>/dev/null || true; stop_server; rm -rf "$work"' EXIT
status=0
# The pictures need no server: what they draw comes with them.
echo goldens
(cd "$(dirname "$0")/../web" && npm run --silent goldens) || status=$?
start_server
screenshots=${SCREENSHOTS:-$work/screenshots}
mkdir -p "$screenshots"
# Journeys look at stretches of time, and a server that has just started has none: first there are
# three minutes of this host, which has a sample every five seconds.
samples_of_host() {
  curl -fsS --get "$PROMETHEUS/api/v1/query" --data-urlencode 'query=max(count_over_time(node_load1[1h]))' |
    sed -n 's/.*"value":\[[^,]*,"\([0-9]*\)"\].*/\1/p'
}
for _ in $(seq 300); do
  [ "$(samples_of_host || true)" -ge 36 ] 2>/dev/null && break
  sleep 1
done
# Each is a file of web/test/e2e that stands by itself.
for journey in run editor viewer faults panels-canvas panels-more explore tables admin; do
  echo "$journey"
  (cd "$(dirname "$0")/../web" &&
    ORRERY_URL=$PORTAL ORRERY_USER=admin ORRERY_PASSWORD=admin SCREENSHOTS=$screenshots \
      node "test/e2e/$journey.mjs") || status=$?
done
# Every named dashboard, and what pages cost, with a day of the demo behind it and the demo going on.
"$binary" demo --target "$PROMETHEUS" --history 24h >"$work/demo.log" 2>&1 &
DEMO_PID=$!
for _ in $(seq 1500); do
  grep -q "up to date" "$work/demo.log" && break
  kill -0 "$DEMO_PID" 2>/dev/null || break
  sleep 0.2
done
cat "$work/demo.log"
for journey in named-dashboards widths costs; do
  echo "$journey"
  (cd "$(dirname "$0")/../web" && ORRERY_URL=$PORTAL ORRERY_USER=admin ORRERY_PASSWORD=admin \
    PROMETHEUS_URL=$PROMETHEUS node "test/e2e/$journey.mjs") || status=$?
done
[ "$status" = 0 ] || { echo "server log:"; tail -20 "$work/log"; }
exit "$status"
