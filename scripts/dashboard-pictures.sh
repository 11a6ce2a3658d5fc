#!/usr/bin/env bash
# Pictures of every named dashboard, with a day of the demo, into docs/img (or a folder).
# Usage: dashboard-pictures.sh BINARY [FOLDER]; THEME=dark, RANGE=7d, ONLY=uid,uid
set -eu
binary=$1
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(realpath -m "${2:-$root/docs/img/dashboards}")
work=$(mktemp -d)
. "$root/scripts/server.sh"
trap 'stop_server; rm -rf "$work"' EXIT
start_server
"$binary" demo --target "$PROMETHEUS" --history "${HISTORY:-7d}" --once
cd "$root/web"
ORRERY_URL=$PORTAL SCREENSHOTS=$folder node test/e2e/dashboard-pictures.mjs
