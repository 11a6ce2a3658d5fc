# Sourced by scripts: starts $binary in $work/data on free ports and waits until it is ready.
# Sets SERVER_PID, PORTAL, PROMETHEUS.

SERVER_PID=
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null ||
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

start_server() {
  local portal prometheus
  portal=$(free_port); prometheus=$(free_port)
  PORTAL=http://127.0.0.1:$portal
  PROMETHEUS=http://127.0.0.1:$prometheus
  "$binary" serve --data-dir "$work/data" --portal-listen "127.0.0.1:$portal" \
    --prometheus-listen "127.0.0.1:$prometheus" --mimir-listen none --mimir-query-listen none \
    "$@" >"$work/log" 2>&1 &
  SERVER_PID=$!
  for _ in $(seq 300); do
    curl -fsS --max-time 2 "$PROMETHEUS/-/ready" >/dev/null 2>&1 && return 0
    kill -0 "$SERVER_PID" 2>/dev/null || { cat "$work/log" >&2; return 1; }
    sleep 0.1
  done
  echo "not ready after 30 s" >&2; cat "$work/log" >&2; return 1
}

stop_server() {
  [ -z "$SERVER_PID" ] || { kill "$SERVER_PID" 2>/dev/null || true; wait "$SERVER_PID" 2>/dev/null || true; }
  SERVER_PID=
}
