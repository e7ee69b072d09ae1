# Every target is what CI runs, so a red job is repeated by its name.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TESTS ?= tests
WORKERS ?= 2

.PHONY: setup demo test check imports bench fuzz conformance run format lock clean

$(VENV)/.run: requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation -e .
	-$(BIN)/python -m compileall -q -j 0 $(VENV)/lib monitor >/dev/null  # where PYTHONDONTWRITEBYTECODE is set every start would compile all again: 1 s
	touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	$(PIP) --require-hashes -r requirements/test.txt
	touch $@

setup: $(VENV)/.run  ## the locked requirements and the package in .venv

demo: setup  ## the main job end to end, without any network; STAY=1 keeps the console up
	$(BIN)/monitor demo $(if $(STAY),--stay)

test: $(VENV)/.test  ## the whole test suite, SQLite and PostgreSQL
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup $(TESTS)

imports: $(VENV)/.test  ## who may import whom
	$(BIN)/lint-imports

check: $(VENV)/.test imports  ## format, lint, types, import contracts, unused code, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/deptry .

bench: $(VENV)/.test  ## the project's benchmarks, as ratios
	$(BIN)/python -m bench

conformance: $(VENV)/.test  ## docs/reference/conformance.md, from the names of the tests
	$(BIN)/python tests/conformance.py

fuzz: $(VENV)/.test  ## feeds nobody wrote; MINUTES=30
	$(BIN)/python -m bench.fuzz --minutes $(or $(MINUTES),1)

run: setup  ## the daemon on ./config.toml
	$(BIN)/monitor run

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.test  ## pin the newest versions, with hashes and without addresses
	$(BIN)/uv pip compile pyproject.toml --group build --upgrade --quiet --no-emit-index-url --generate-hashes --no-header -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --group build --extra postgres --group test --group check --upgrade --quiet --no-emit-index-url --generate-hashes --no-header -c requirements/run.txt -o requirements/test.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis demo-output
