# `make demo` and `make test` each do everything, from a fresh clone, with Python 3.11 or newer and pip.
# On Windows, or without make: the same commands are in README.md.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
DEMO := .venv-demo
TEST := .venv-test

.PHONY: demo test lint types check-tests benchmark clean

demo: $(DEMO)/installed
	$(DEMO)/bin/evenhand score examples/referrals.csv -o .demo/referrals-scored.jsonl --table --overwrite --privacy patterns

$(DEMO)/installed: pyproject.toml constraints.txt $(shell find nlp models -type f -not -path '*/__pycache__/*' 2>/dev/null)
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt .
	mkdir -p .demo
	touch $@

test: $(TEST)/installed lint types check-tests

$(TEST)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[training,baselines,documents,framing,report,serve,stats,privacy,spark,dev]'
	touch $@

lint: $(TEST)/installed
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/ruff check .

types: $(TEST)/installed
	$(TEST)/bin/mypy

check-tests: $(TEST)/installed
	$(TEST)/bin/pytest --numprocesses auto --dist loadgroup

# Speed, as ratios to a peer in the same run; never part of the tests.
benchmark: $(TEST)/installed
	$(TEST)/bin/python tests/benchmarks/startup.py
	$(TEST)/bin/python tests/benchmarks/throughput.py

clean:
	rm -rf $(DEMO) $(TEST) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
