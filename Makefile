.DEFAULT_GOAL := help
SHELL := /bin/sh

# Handed over in the environment exactly as given and split into words there: neither make nor a shell expands it.
override ARGS := $(value ARGS)
override ONLY := $(value ONLY)
export ARGS ONLY

# Installs what is missing, builds, and runs a script on the Node that npm installed.
RUN := @node scripts/ensure-deps.cjs --words-from-env ARGS --

.PHONY: help dev test check audit bench lint fix migrate ingest import query doctor token openapi pages dashboards clean

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## Everything on this machine: database, sandbox Azure, API, worker, first ingestion; Ctrl-C stops it
	$(RUN) dist/scripts/dev.js

test: ## Unit, integration and end-to-end tests; ARGS="libs/core" runs some of them
	$(RUN) node_modules/vitest/vitest.mjs run

check: ## Format, lint, types, import rules, dead code, generated files, terraform format
	$(RUN) dist/scripts/check.js

audit: ## Known vulnerabilities of the dependencies; gates nothing
	@node scripts/ensure-deps.cjs --no-build -- scripts/audit.cjs

bench: ## Benchmarks; ONLY=name runs one
	$(RUN) dist/scripts/bench.js

lint: ## Lint alone
	$(RUN) node_modules/oxlint/bin/oxlint --deny-warnings

fix: ## Format and mend what the linter can mend
	@node scripts/ensure-deps.cjs --no-build -- node_modules/oxlint/bin/oxlint --fix
	@node scripts/ensure-deps.cjs --no-build -- node_modules/prettier/bin/prettier.cjs --write --log-level warn .

migrate: ## Bring the database to the current schema
	$(RUN) dist/scripts/migrate.js

ingest: ## One ingestion run: ARGS="full" or ARGS="incremental --tenant ID"
	$(RUN) dist/scripts/ingest.js

import: ## Cost files, or exports below a folder or URL: ARGS="file.csv --tenant ID"
	$(RUN) dist/scripts/import.js

query: ## Ask Azure live, a JSON line per row: ARGS="waste --tenant ID", ARGS="--list"
	$(RUN) dist/scripts/query.js

doctor: ## What works, which role is missing and how to grant it: ARGS="--tenant ID", ARGS="--json"
	$(RUN) dist/scripts/doctor.js

token: ## An access token for the running make dev: ARGS="--role admin|approver|reader [--tenant ID]"
	$(RUN) dist/scripts/token.js

openapi: ## Write docs/openapi.json
	$(RUN) dist/apps/api/openapi.js

pages: ## Write the pages of libs/rules from the rules
	$(RUN) dist/scripts/rule-pages.js

dashboards: ## Write Grafana's dashboards and the rules of the objectives
	$(RUN) dist/scripts/dashboards.js

clean: ## Remove what was built; data in .data and dependencies stay
	rm -rf dist coverage bench-results.json
