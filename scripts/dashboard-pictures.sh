#!/usr/bin/env bash
# Pictures of every named dashboard, with a day of the demo, into docs/img/dashboards (or a folder):
# all in light, some in dark as well. docs/dashboards/README.md shows them.
# Usage: dashboard-pictures.sh BINARY [FOLDER]; RANGE=7d, ONLY=uid,uid, DARK=uid,uid
set -eu
binary=$1
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(realpath -m "${2:-$root/docs/img/dashboards}")
work=$(mktemp -d)
. "$root/scripts/server.sh"
trap 'stop_server; rm -rf "$work"' EXIT
# The machine that takes the pictures is no part of the made-up company.
printf 'scrape:\n  host: false\n' >"$work/orrery.yaml"
start_server --config "$work/orrery.yaml"
"$binary" demo --target "$PROMETHEUS" --history "${HISTORY:-26h}" --once
cd "$root/web"
export ORRERY_URL=$PORTAL SCREENSHOTS=$folder
node test/e2e/dashboard-pictures.mjs
THEME=dark ONLY=${DARK:-main-dashboard,infrastructure-health,kubernetes-cluster} \
  node test/e2e/dashboard-pictures.mjs
