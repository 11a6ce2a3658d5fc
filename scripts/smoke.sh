#!/usr/bin/env bash
# Smoke run of a built binary: starts it in a fresh directory on free ports, asks every face,
# pushes nothing by hand (it scrapes itself), kills it hard, starts it again on the same data,
# and stops it cleanly. Usage: smoke.sh BINARY
set -eu
binary=$1
work=$(mktemp -d)
. "$(dirname "$0")/server.sh"
trap 'stop_server; rm -rf "$work"' EXIT

fail() { echo "smoke: $1" >&2; sed 's/^/  log: /' "$work/log" | tail -20 >&2; exit 1; }
answer() { curl -sS --max-time 10 "$@"; }
# Asks until the answer holds the text, for at most 20 seconds.
until_contains() {
  local want=$1; shift
  for _ in $(seq 100); do
    case $(answer "$@" 2>/dev/null || true) in *"$want"*) return 0 ;; esac
    sleep 0.2
  done
  fail "no $want from $*"
}

start_server
answer "$PROMETHEUS/-/healthy" | grep -q Healthy || fail "not healthy"
answer "$PORTAL/api/health" | grep -q '"database": *"ok"' || fail "portal not healthy"
until_contains '"value"' "$PROMETHEUS/api/v1/query?query=node_load1"
until_contains '"value"' "$PROMETHEUS/api/v1/query?query=orrery_build_info"
answer "$PROMETHEUS/metrics" | grep -q '^process_resident_memory_bytes ' || fail "no own metrics"
code=$(answer -o /dev/null -w '%{http_code}' "$PROMETHEUS/api/v1/query?query=sum(")
[ "$code" = 400 ] || fail "a malformed query answered $code"
code=$(answer -o /dev/null -w '%{http_code}' "$PORTAL/api/search")
[ "$code" = 401 ] || fail "an anonymous search answered $code"
until_contains 'orrery-host' -u "admin:admin" "$PORTAL/api/search"
counted() { answer "$PROMETHEUS/api/v1/query?query=count_over_time(node_load1%5B1h%5D)" | sed 's/.*,"\([0-9]*\)"\].*/\1/'; }
before=$(counted)

kill -9 "$SERVER_PID"; wait "$SERVER_PID" 2>/dev/null || true
start_server
after=$(counted)
[ "$after" -ge "$before" ] || fail "had $before samples, after kill -9 only $after"

"$binary" query promql --server "$PROMETHEUS" 'vector(1)' | grep -q '=> 1' || fail "query command"
kill -TERM "$SERVER_PID"
status=0; wait "$SERVER_PID" || status=$?
SERVER_PID=
[ "$status" = 0 ] || fail "stopped with exit code $status"
echo "smoke: ok ($before samples before kill -9, $after after)"
