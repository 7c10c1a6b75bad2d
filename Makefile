# CrowdSafe: every target sets itself up. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run setup test lint bench figures lock format clean

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -q
RUN_STAMP := $(VENV)/.run-stamp
DEV_STAMP := $(VENV)/.dev-stamp
VENDOR_STAMP := frontend/static/vendor/.stamp

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: setup ## Set everything up and serve on http://localhost:5001
	@exec $(PY) app.py

setup: $(RUN_STAMP) $(VENDOR_STAMP) ## Virtual environment and front-end assets only

$(PY):
	@test -n "$(PYTHON)" || { echo "CrowdSafe needs Python 3.11 or newer with the venv module (Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "Creating the virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): $(PY) requirements.txt requirements-nodeps.txt
	@echo "Installing the pinned requirements (a few minutes the first time) ..."
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps -r requirements-nodeps.txt
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements-dev.txt requirements-dev-nodeps.txt
	@echo "Installing the test and lint tools ..."
	@$(PIP) install -r requirements-dev.txt
	@$(PIP) install --no-deps -r requirements-dev-nodeps.txt
	@touch $@

$(VENDOR_STAMP): $(RUN_STAMP) frontend/package.json frontend/package-lock.json scripts/build_frontend.py
	@$(PY) scripts/build_frontend.py
	@touch $@

test: $(DEV_STAMP) $(VENDOR_STAMP) ## Run all tests (CROWDSAFE_TEST_STRICT=1: a skip is a failure)
	@$(PY) scripts/node_tools.py test
	@$(PY) -m pytest -n logical --maxprocesses=8 --dist loadfile --no-loadscope-reorder

lint: $(DEV_STAMP) ## Style, types, import rules, front end and deployment files
	@$(PY) scripts/build_frontend.py --dev
	@$(PY) scripts/lint.py

bench: $(DEV_STAMP) $(VENDOR_STAMP) ## Measure speed; writes benchmarks/results/latest.json
	@$(PY) -m benchmarks.run

figures: $(DEV_STAMP) ## Draw the figures of docs/methods anew (needs the test material)
	@$(PY) scripts/draw_figures.py

format: $(DEV_STAMP) ## Format the Python code
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

lock: $(DEV_STAMP) ## Rebuild the pinned requirements from the .in files
	@$(PY) -m piptools compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host -o requirements.txt requirements.in
	@sed -i 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.txt
	@$(PY) -m piptools compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host -o requirements-dev.txt requirements-dev.in

clean: ## Remove the virtual environment and built assets (never your data)
	@rm -rf $(VENV) frontend/static/vendor frontend/node_modules
