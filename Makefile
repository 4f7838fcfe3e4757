# Everything a person needs of this repository, in at most ten words.
.DEFAULT_GOAL := help
.PHONY: help install console demo cluster test sim kill bench bench-peers

SEEDS ?= 20000
ROUNDS ?= 1000

help: ## What can be made here
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*##/\t/' | expand -t 12

install: ## Install what is missing (apt; Rust and Node must be there)
	@.ci/install

console: ## The console and the responder's app, into dispatch-console/dist (the binary embeds it)
	cd dispatch-console && npm install --no-save --no-audit --no-fund && npm run build

demo: install console ## The whole system with an invented evening in Haining
	cargo run --release --quiet --bin tidewatch -- demo

cluster: install console ## PostgreSQL, Redis, two owners and two gateways here, and the same evening
	cargo build --release --quiet --bin tidewatch --example cluster
	$${CARGO_TARGET_DIR:-target}/release/examples/cluster

test: install console ## All tests, as CI runs them: formatting, lints, the tests, the console's
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace --lib --bins --tests --examples -- --show-output
	cd dispatch-console && npm run lint && npm test
	cargo build --workspace --bin tidewatch
	cd dispatch-console && npm run e2e

sim: install ## The simulation at length: SEEDS=20000, or one seed with SIM_SEED=n
	SIM_SEEDS=$(SEEDS) cargo test --release --test simulation -- --nocapture

kill: install ## The kill test at length: ROUNDS=1000
	KILL_ROUNDS=$(ROUNDS) cargo test --release --test it kill -- --nocapture

bench: install console ## Our numbers, each with its floor, in one run; then the console's
	cargo bench --bench numbers
	cargo build --release --bin tidewatch
	cd dispatch-console && TIDEWATCH_BIN=$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release/tidewatch npm run bench

bench-peers: install console ## Our numbers beside other people's, in one run
	cargo bench --bench peers
