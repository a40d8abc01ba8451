# The front door. Each target works alone on a fresh Debian 12 (as root or with sudo) and is quick when nothing changed.
#
#   make run    install what is missing, build, serve on port 5000 with the data in ./data      (make run PORT=… or ARGS="--flag …" change that)
#   make build  install what is missing, build: leaves build/release/parley, with the web client in it
#   make test   install what is missing, build, run every test
#   make bench  install what is missing, build, measure beside other servers and write the tables of docs/performance.md (an hour)
#   make bench-quick   the same scenarios once, in small, ours alone

ARGS ?=
RELEASE = build/release
BENCH = sockets_load chat_load chat_users http_floor commit_ceiling hash_ceiling

.PHONY: run build test bench bench-quick format clean

run: build
	@exec $(RELEASE)/parley serve $(ARGS)

build:
	@tools/install-deps build
	@tools/configure release
	@cmake --build $(RELEASE) --target parley -- --quiet

test:
	@tools/install-deps test
	@tools/configure release
	@cmake --build $(RELEASE) -- --quiet
	@tools/run-tests $(RELEASE)

bench:
	@tools/install-deps test
	@tools/configure release
	@cmake --build $(RELEASE) -- --quiet
	@tools/test-databases || true  # whoever is not there is a row that says so
	@tools/bench-peers || true
	@bench/run $(RELEASE)

bench-quick:
	@tools/install-deps test
	@tools/configure release
	@cmake --build $(RELEASE) --target parley load_fixture $(BENCH) -- --quiet
	@node bench/compare/run.mjs --build $(RELEASE) --quick --results build/bench/quick.json

format:
	@tools/format

clean:
	rm -rf build
