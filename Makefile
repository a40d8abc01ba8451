# The front door. Each target works alone on a fresh Debian 12 (as root or with sudo) and is quick when nothing changed.
#
#   make run    install what is missing, build, serve on port 5000 with the data in ./data      (make run PORT=… or ARGS="--flag …" change that)
#   make build  install what is missing, build: leaves build/release/parley
#   make test   install what is missing, build, run every test
#   make bench  install what is missing, build, measure (docs/performance.md)

ARGS ?=
RELEASE = build/release

.PHONY: run build test bench format clean

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
	@tools/install-deps build
	@tools/configure release
	@cmake --build $(RELEASE) -- --quiet
	@bench/run $(RELEASE)

format:
	@tools/format

clean:
	rm -rf build
