# Every command of the project, one line each; plain `make` lists them.
# Values: PROFILE= LANES= POINTS= BLOCKS= SEED= SCENARIO= DELAY= RESUME= RESULTS= PROCESSES= CONFIG= RATES= FAULT= AA=1 FLASK= QUART= PATHS= CWD= LOCUSTFILE= UPSTREAM= SERVER= UPSTREAM_HOST= WORKERS= REMOTE=1 PLAN=1 (bench), HOSTS= (hosts-check, hosts-setup), SLO= PEAK= PRICE_HOUR= (capacity), A= B= RUNS= WINDOW= FORMAT= THRESHOLD= GROUP= GROUP_IDS=1 ROWS= LEAST= TOP= SKIP_DAMAGED=1 JSON_FILE= (compare), RUN= (report, verify), NAME= (study),
# RATE= UPSTREAM_MS= SLO_MS= WORKERS= THREADS= CALLS= CPU_MS= CORES= TAIL= PERCENTILE= VERIFY=1 (advise), FILE= (predict, score), STUB_PORT= FLASK_PORT= QUART_PORT= WEB_PORT= (ui), SPEED= SEED= (demo), RUN= OUT= UPSTREAM_S= (timeline), PYTHON= (the interpreter that .venv is made from).

PYTHON ?= python3
PROFILE ?= $(if $(FAULT),faults,quick)
RUN ?= results/latest
FORMAT ?= text
HARNESS = .venv/bin/python -m harness
READY = .venv/.ready
CODE = contract flask_app quart_app examples upstream loadtests producer_consumer servers harness tools tests
CHECK = .venv/bin/ruff format --check --quiet $(CODE) && .venv/bin/ruff check --quiet $(CODE) && .venv/bin/mypy $(CODE)

# An interpreter's and pip's settings of the user do not reach us; where pip finds its index does.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONSTARTUP PYTHONUSERBASE PYTHONPLATLIBDIR
quoted = '$(subst ','\'',$(1))'
option = $(if $($(1)),--$(2) $(call quoted,$($(1))))
# An environment is of one place and one interpreter: it is built anew after a move, and where PYTHON= names another.
PLACE = $(shell cat $(READY) 2>/dev/null)
MADE_BY = $(shell cat .venv/.interpreter 2>/dev/null)
ifneq ($(PLACE),$(CURDIR))
.PHONY: $(READY)
else ifneq ($(origin PYTHON),file)
ifneq ($(MADE_BY),$(shell command -v $(PYTHON)))
.PHONY: $(READY)
endif
endif

.DEFAULT_GOAL := help
.NOTPARALLEL: # each command measures, or reads what another one measured
.PHONY: help bench hosts-check hosts-setup capacity init check-pair compare report verify advise predict score calibrate study timeline ui demo test check mutation sample lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

bench: $(READY) ## measure the lanes side by side (PROFILE=smoke|quick|full|course|faults|overload|goodput)
	@$(HARNESS) bench --profile $(call quoted,$(PROFILE)) $(call option,LANES,lanes) $(call option,POINTS,points) $(call option,BLOCKS,blocks) $(call option,SEED,seed) $(call option,SCENARIO,scenario) $(call option,DELAY,delay) $(call option,RESUME,resume) $(call option,RESULTS,results) $(call option,PROCESSES,processes) $(call option,RATES,rates) $(call option,FAULT,fault) $(if $(filter 1,$(AA)),--aa) $(if $(filter 0,$(AA)),--no-aa) $(call option,CONFIG,config) $(call option,FLASK,flask) $(call option,QUART,quart) $(call option,PATHS,paths) $(call option,CWD,cwd) $(call option,LOCUSTFILE,locustfile) $(call option,UPSTREAM,upstream) $(call option,SERVER,server) $(call option,UPSTREAM_HOST,upstream-host) $(call option,WORKERS,workers) $(if $(filter 1,$(REMOTE)),--allow-remote) $(if $(filter 1,$(PLAN)),--plan)

capacity: $(READY) ## the highest rate at which each lane keeps an SLO (SLO='p99<500ms,errors<0.1%' LANES= PEAK= PRICE_HOUR=)
	@$(HARNESS) capacity --slo $(call quoted,$(SLO)) $(call option,LANES,lanes) $(call option,PEAK,peak) $(call option,PRICE_HOUR,price-hour) $(call option,BLOCKS,blocks) $(call option,SEED,seed) $(call option,SCENARIO,scenario) $(call option,DELAY,delay) $(call option,PROCESSES,processes) $(call option,CONFIG,config) $(call option,RESULTS,results)

hosts-check: $(READY) ## what other machines lack for a run (HOSTS=ssh:me@a,ssh:me@b)
	@$(HARNESS) hosts-check $(call quoted,$(HOSTS))

hosts-setup: $(READY) ## bring this commit and its locked environment to other machines (HOSTS=...)
	@$(HARNESS) hosts-setup $(call quoted,$(HOSTS))

check-pair: $(READY) ## ask both lanes the same and show where they differ, in seconds (LANES= SCENARIO= FLASK= QUART= PATHS= OPENAPI=)
	@$(HARNESS) check-pair $(call option,LANES,lanes) $(call option,SCENARIO,scenario) $(call option,FLASK,flask) $(call option,QUART,quart) $(call option,PATHS,paths) $(call option,CWD,cwd) $(call option,UPSTREAM,upstream) $(if $(filter 1,$(REMOTE)),--allow-remote) $(call option,OPENAPI,openapi) $(call option,CONFIG,config)

init: $(READY) ## write a commented bench.toml for a service of your own (CONFIG=my.toml)
	@$(HARNESS) init $(if $(CONFIG),$(call quoted,$(CONFIG)))

compare: $(READY) ## compare two runs or Locust reports (A=... B=... or RUNS='a b c'; FORMAT=text|json|markdown|csv|html)
	@$(HARNESS) compare --format $(call quoted,$(FORMAT)) $(call option,THRESHOLD,threshold) $(call option,GROUP,group) $(if $(filter 1,$(GROUP_IDS)),--group-ids) $(call option,ROWS,rows) $(call option,LEAST,least) $(call option,TOP,top) $(if $(filter 1,$(SKIP_DAMAGED)),--skip-damaged) $(call option,JSON_FILE,json-file) $(call option,WINDOW,window) $(call option,RUNS,runs) $(if $(RUNS),,$(call quoted,$(A)) $(call quoted,$(B)))

report: $(READY) ## write a run's charts and report again (RUN=results/latest)
	@$(HARNESS) report $(call quoted,$(RUN))

verify: $(READY) ## compute a run's figures again from its raw data (RUN=results/latest)
	@$(HARNESS) verify $(call quoted,$(RUN))

advise: $(READY) ## is what you run enough, and what would be? (RATE=50 UPSTREAM_MS=400 SLO_MS=1000 WORKERS=4 THREADS=1; CALLS= CPU_MS= CORES= TAIL= PERCENTILE= RUN= VERIFY=1)
	@$(HARNESS) advise $(call option,RATE,rate) $(call option,UPSTREAM_MS,upstream-ms) $(call option,SLO_MS,slo-ms) $(call option,WORKERS,workers) $(call option,THREADS,threads) $(call option,CALLS,calls) $(call option,CPU_MS,cpu-ms) $(call option,CORES,cores) $(call option,TAIL,tail) $(call option,PERCENTILE,percentile) $(if $(filter-out file,$(origin RUN)),--run $(call quoted,$(RUN))) $(call option,RESULTS,results) $(if $(filter 1,$(VERIFY)),--verify)

predict: $(READY) ## write what a run says of points that are still to be measured (RUN= PROFILE= LANES= POINTS= RATES= BLOCKS=)
	@$(HARNESS) predict $(call quoted,$(RUN)) --profile $(call quoted,$(PROFILE)) $(call option,LANES,lanes) $(call option,POINTS,points) $(call option,RATES,rates) $(call option,BLOCKS,blocks) $(call option,FILE,file)

score: $(READY) ## set those predictions beside the run that was measured since (RUN=results/latest)
	@$(HARNESS) score $(call quoted,$(RUN)) $(call option,FILE,file)

calibrate: $(READY) ## what the instrument can do on this machine
	@$(HARNESS) calibrate $(call option,RESULTS,results)

study: $(READY) ## show that the instrument is right (NAME=stall|arrivals|in-flight|recorder|templates|delays|coverage|looks|rejections|error-rates|equality|parts|advice)
	@$(HARNESS) study $(call quoted,$(NAME))

timeline: $(READY) ## three requests at one slot and at an event loop (or RUN=results/latest: those of a run)
	@$(HARNESS) timeline $(if $(filter-out file,$(origin RUN)),--run $(call quoted,$(RUN))) $(call option,OUT,out) $(call option,UPSTREAM_S,delay)

ui: $(READY) ## watch both apps live in Locust's web UI
	@$(HARNESS) ui $(call option,STUB_PORT,stub-port) $(call option,FLASK_PORT,flask-port) $(call option,QUART_PORT,quart-port) $(call option,WEB_PORT,web-port) $(call option,SCENARIO,scenario) $(call option,LANES,lanes) $(call option,CONFIG,config)

demo: $(READY) ## watch producer and consumer, sync and async (SPEED=10 SEED=1)
	@.venv/bin/python -m producer_consumer $(call option,SEED,seed) $(call option,SPEED,speed)

test: $(READY) ## formatting, lint, types and all tests
	@nice sh -c '$(CHECK)' & checks=$$!; .venv/bin/python -m pytest; tests=$$?; \
	wait $$checks || { echo 'error: formatting, lint or types: see above, or `make check`' >&2; exit 1; }; exit $$tests

check: $(READY) ## formatting, lint and types only
	@$(CHECK)

mutation: $(READY) ## the share of small changes of harness/plan and harness/judge that a test notices (20 minutes)
	@.venv/bin/uv tool run --quiet --python .venv/bin/python --with-requirements requirements.lock mutmut@3.8.1 run --max-children 2

sample: $(READY) ## measure anew what README shows: results/sample
	@$(HARNESS) bench || test $$? -eq 1
	rm -rf results/sample && cp -rL results/latest results/sample
	@$(HARNESS) timeline --out results/sample/pictures >/dev/null
	@PYTHONPATH=.:tests/support .venv/bin/python tools/pictures.py
	@$(HARNESS) bench --fault stall --lanes flask-threads-64,quart
	cp results/latest/charts/fault-stall-60-per-s.svg results/sample/pictures/stall.svg
	rm -f results/sample/charts/*.png results/sample/pictures/timeline.png results/sample/pictures/trace.json
	@PYTHONPATH=. .venv/bin/python tools/readme.py

lock: $(READY) ## write requirements.lock anew from pyproject.toml
	@.venv/bin/uv pip compile --quiet --universal --upgrade --generate-hashes --no-annotate --no-header --group dev pyproject.toml --output-file requirements.lock

clean: ## remove the environment and what tools leave behind; results stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis mutants
	find $(CODE) -name __pycache__ -type d -exec rm -rf {} +

$(READY): requirements.lock
	@sh tools/set_up.sh $(call quoted,$(PYTHON)) $(READY)
