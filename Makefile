# `make demo`, `make serve`, `make docs` and `make test` each do everything, from a fresh clone, with Python 3.11 or newer and pip.
# On Windows, or without make: the same commands are in README.md.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
DEMO := .venv-demo
SERVE := .venv-serve
PORT ?= 8000
DOCS := .venv-docs
TEST := .venv-test
SOURCES = $(shell find nlp models serve annotations/descriptors.jsonl annotations/documents.jsonl -type f -not -path '*/__pycache__/*' 2>/dev/null)

.PHONY: demo serve docs test lint types check-tests browser benchmark clean

demo: $(DEMO)/installed
	$(DEMO)/bin/evenhand score examples/referrals.csv -o .demo/referrals-scored.jsonl --table --overwrite --privacy patterns

$(DEMO)/installed: pyproject.toml constraints.txt $(SOURCES)
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt .
	mkdir -p .demo
	touch $@

# Pages for a browser and an HTTP interface, on this machine alone.
serve: $(SERVE)/installed
	$(SERVE)/bin/evenhand serve --port $(PORT)

$(SERVE)/installed: pyproject.toml constraints.txt $(SOURCES)
	@echo "Installing into $(SERVE): one to five minutes, once."
	$(PYTHON) -m venv $(SERVE)
	$(SERVE)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt '.[serve,documents,framing,report,privacy]'
	touch $@

# Every public name of the library from its docstring, and the guides: begin with .docs/evenhand.html.
docs: $(DOCS)/installed
	$(DOCS)/bin/python tests/guides/reference.py

$(DOCS)/installed: pyproject.toml constraints.txt $(SOURCES)
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt '.[documents,framing,report]' pdoc markdown-it-py
	touch $@

test: $(TEST)/installed lint types browser check-tests

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
	$(TEST)/bin/pytest --numprocesses auto --dist loadfile

# The tests of pages need a Chromium. Root on Debian or Ubuntu gets it here; elsewhere they are skipped without one.
browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	&& apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	|| echo "No Chromium was found, so the tests of pages are skipped; install one to run them."

# Speed, as ratios to a peer in the same run; never part of the tests.
benchmark: $(TEST)/installed
	$(TEST)/bin/python tests/benchmarks/startup.py
	$(TEST)/bin/python tests/benchmarks/throughput.py

clean:
	rm -rf $(DEMO) $(SERVE) $(DOCS) $(TEST) .demo .docs .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
