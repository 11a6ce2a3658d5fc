#!/usr/bin/env bash
# A debug server in ./data-dev and the UI's dev server in front of it; Ctrl-C ends both.
set -eu
cd "$(dirname "$0")/.."
cargo build -p orrery
"${CARGO_TARGET_DIR:-target}/debug/orrery" serve --data-dir data-dev &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
cd web && npm run dev
