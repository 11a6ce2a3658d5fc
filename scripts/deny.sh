#!/usr/bin/env bash
# Checks licences, duplicate crates and sources with cargo-deny, installing it when it is missing.
# Advisories need a database from outside the package registries, so they are not part of this.
set -eu
cd "$(dirname "$0")/.."
if ! command -v cargo-deny >/dev/null 2>&1; then
  CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/cargo-deny" cargo install cargo-deny --locked --quiet --debug
fi
cargo deny --offline check --hide-inclusion-graph licenses bans sources 2>/dev/null || cargo deny check licenses bans sources
