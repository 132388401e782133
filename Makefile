# Two commands are enough: `make run` to see it, `make test` to check it. README.md tells more.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check format bench fuzz

PORT ?= 8000
export PORT

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: ## prepares everything and serves the demonstration on http://127.0.0.1:8000 (PORT=8001 make run for another port)
	@.ci/up

test: ## all checks, the suite on SQLite and on PostgreSQL with Redis, the pages in Chromium, the production stack
	@.ci/test

check: ## the checks without the tests: ruff, mypy, import contracts, templates, migrations
	@.ci/prepare dev
	@.ci/check

format: ## formats Python and templates and repairs what ruff can
	@.ci/prepare dev
	@.ci/format

bench: ## measures: one table of figures from tests/bench
	@.ci/prepare dev
	@.venv/bin/python -m tests.bench

fuzz: ## sends 20,000 requests that no browser sends, to every address as every role
	@.ci/fuzz
