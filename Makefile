# Two commands are all you need: `make demo` and `make test`. Both install what they need into .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: demo test test-leaks test-faults test-matrix test-hosts test-guards results security lint bench fixtures snapshots pictures wheel clean

# The wizard on two hosts of its own; without a terminal, the same run as plain lines. ARGS="--keep" leaves the hosts.
demo: $(VENV)/.lab
	@$(BIN)/pgrepl-tui demo $(ARGS)

# All tests, on all cores but at most four; a file's tests stay together, as they share a lab. ARGS="-k name" chooses some.
test: $(VENV)/.dev
	@$(PYTEST) -n auto --maxprocesses 4 --dist loadfile $(ARGS)

# A whole run with each of the 37 odd passwords, and a search for it in everything that the run left: eleven minutes.
test-leaks: $(VENV)/.dev
	@$(PYTEST) tests/fuzz/test_leaks*.py -m "leaks or not leaks" --durations=0 --durations-min=1 $(ARGS)

# The whole job on every major version from 10 to 18; the packages are downloaded once, then cached. ARGS="-k 14" chooses.
test-matrix: $(VENV)/.dev
	@$(PYTEST) tests/matrix -m matrix -v --durations=0 --durations-min=1 --junitxml=build/results/matrix.xml $(ARGS)

# The whole job on Debian hosts in namespaces; needs root on Linux and debootstrap. HOSTS="bookworm trixie" chooses releases.
HOSTS ?= bookworm
HOST_TESTS ?= tests/hosts
test-hosts: $(VENV)/.dev
	@PGREPL_HOSTS="$(HOSTS)" $(PYTEST) $(HOST_TESTS) -m hosts -v --durations=0 --durations-min=1 \
		-o junit_family=xunit1 --junitxml=build/results/hosts.xml $(ARGS)

# Each guard broken on purpose, in a copy: a test has to turn red for each. ARGS="lock" takes those with that word.
test-guards: $(VENV)/.dev
	@$(BIN)/python -m tests.guards $(ARGS)

# The whole fault matrix, on both tiers; `make test` runs the fast one. ARGS="-k F4" chooses; PGREPL_FAULTS=chosen plays
# sixty cells of the real tier instead of all.
FAULT_TESTS ?= tests/faults
test-faults: export PGREPL_FAULTS ?= all
test-faults: $(VENV)/.dev
	@$(PYTEST) $(FAULT_TESTS) -m "faults or not faults" $(ARGS)

# Take what the last test-matrix and test-hosts found into tests/data/results.json and the README's table.
results: $(VENV)/.dev
	$(BIN)/python -m tests.make_results_table build/results/*.xml

# Take what the last runs against the guards found (faults, broken guards, made-up input, leaks) into SECURITY.md.
security: $(VENV)/.dev
	$(BIN)/python -m tests.make_security_figures

# What has to be clean before a commit: style, types, the floors of the house.
lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The log view under a flood, beside Textual's Log and lnav (where it is installed). ARGS="--lines 1000000" is short.
bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench.log_stream $(ARGS)

# Record the lab runs anew that the screens' tests are fed with.
fixtures: $(VENV)/.dev
	$(BIN)/python -m tests.make_fixtures

# Accept the pictures of the screens as they are now; look at every one that changed.
snapshots: $(VENV)/.dev
	$(PYTEST) tests/screens --snapshot-update

# Draw the README's pictures anew from the recordings; look at every one that changed.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.make_pictures

# A wheel from the sdist, tried in an empty folder and an empty environment.
wheel: $(VENV)/.dev
	tests/try_wheel.sh $(BIN)/python

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "pgrepl-tui needs Python 3.11 or newer, with venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python -m venv failed: install your system's venv package (python3-venv)" >&2; exit 1; }

$(VENV)/.lab: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[lab]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.lab
