# Every command of the project. `make run` and `make test` need Rust, Node and a network that
# reaches the package registries; everything else they install themselves.

CHROMIUM ?= /usr/bin/chromium
CARGO_FLAGS ?= --locked
BIN := $(or $(CARGO_TARGET_DIR),target)/release/orrery
ARGS ?=
SEED ?= 1
ROUNDS ?= 20
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/test -prune -o -type f -print)

.PHONY: run test dev bench bench-ui fmt web web-deps web-check web-oracle rust-check rust-test explore-tests deny postgresql browser goldens e2e smoke dist help

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: web ## build everything and start Orrery on its standard ports (ARGS="--port-offset 100")
	cargo build $(CARGO_FLAGS) --release -p orrery
	$(BIN) serve $(ARGS)

test: web-check web-oracle web rust-check deny rust-test conformance smoke e2e ## every check and test
	@echo "all checks passed"

dev: ## the server with a debug build, beside the UI's own dev server
	scripts/dev.sh

bench: ## the same work against Orrery and every peer on this machine
	scripts/bench.sh $(ARGS)

bench-ui: web ## the page in Chromium: CPU, requests, heap (RUNS=5 SECONDS=120)
	cargo build $(CARGO_FLAGS) --release -p orrery
	scripts/bench-ui.sh $(BIN)

fmt: web-deps ## format all code
	cargo fmt --all
	cd web && npm run --silent fmt

web-deps: web/node_modules/.installed
web/node_modules/.installed: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web: web/dist/app.html ## build the UI into web/dist
# A file target: an unchanged UI must not make cargo embed it again.
web/dist/app.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

web-check: web-deps ## types, lint, unit tests of the UI
	cd web && npm run --silent typecheck && npm run --silent lint && npm test --silent

# Grafana's library is large and only compared with: it is no part of the UI's own packages.
web-oracle: web-deps web/test/oracle/node_modules/.installed ## the UI's model beside Grafana's data library
	cd web && npm run --silent oracle

web/test/oracle/node_modules/.installed: web/test/oracle/package-lock.json
	cd web/test/oracle && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

rust-check: web ## formatting and lints of the Rust code
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings

# One seed for the property tests, so that a commit passes or fails for good; `make explore-tests`
# looks further with seeds of its own.
rust-test: web postgresql ## all Rust tests
	PROPTEST_RNG_SEED=$(SEED) cargo test $(CARGO_FLAGS) --workspace

explore-tests: web postgresql ## the property tests again and again, each time with another seed (ROUNDS=20)
	for seed in $$(shuf -i 1-1000000000 -n $(ROUNDS)); do \
	  echo "seed $$seed"; \
	  PROPTEST_RNG_SEED=$$seed cargo test $(CARGO_FLAGS) -p promql -p promql-syntax -p metric-store || exit 1; \
	done

conformance: web ## outside suites, where they are at hand
	scripts/conformance.sh

deny: ## licences, duplicate crates, sources
	scripts/deny.sh

smoke: web ## the release binary starts, answers, survives kill -9 and stops cleanly
	cargo build $(CARGO_FLAGS) --release -p orrery
	scripts/smoke.sh $(BIN)

postgresql:
	@scripts/install-postgresql.sh || echo "no PostgreSQL here: its tests are skipped"

browser:
	@test -x "$(CHROMIUM)" || scripts/install-chromium.sh

goldens: web browser ## pictures of every panel type, compared with the committed ones (ARGS=--update accepts)
	cd web && CHROMIUM=$(CHROMIUM) npm run --silent goldens -- $(ARGS)

e2e: browser smoke ## the UI in a real browser against the real binary
	CHROMIUM=$(CHROMIUM) scripts/e2e.sh $(BIN)

dist: web ## the binary as it is shipped
	cargo build $(CARGO_FLAGS) --profile dist -p orrery
