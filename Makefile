# Two commands do everything: `make site` and `make test`. Each makes the environment it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: site test check format serve bench lock audit clean help

help:
	@echo "make site    build the site in this folder into output/"
	@echo "make test    run all tests"
	@echo "make check   lint, format and types"
	@echo "make serve   build, serve and rebuild on change"
	@echo "make bench   compare with Hugo: make bench BENCH=FOLDER"

site: $(VENV)/installed
	@$(BIN)/site-builder build
	@echo
	@echo "Open $(CURDIR)/output/index.html, or run '$(BIN)/site-builder serve' and open http://127.0.0.1:8000/"

serve: $(VENV)/installed
	@$(BIN)/site-builder serve --open

test: check
	$(BIN)/pytest -n auto --dist worksteal

check: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "site-builder needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[images,search]'
	@touch $@

# Every package in the version and with the digest that requirements-dev.txt names, or none.
$(VENV)/installed-dev: pyproject.toml requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(VENV)/installed $@

# Writes requirements-dev.txt anew from pyproject.toml, with what is newest; UPGRADE= keeps what is named there.
UPGRADE ?= --upgrade
lock:
	uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(UPGRADE) --output-file requirements-dev.txt

# Asks a database of known holes for each of them; it must be reached.
audit:
	pip-audit --require-hashes --disable-pip --requirement requirements-dev.txt

# BENCH is the folder of the shared runner (benchmarks/README.md).
bench: $(VENV)/installed
	$(BIN)/python benchmarks/compare.py $(BENCH)

clean:
	rm -rf $(VENV) dist .site-builder-cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
