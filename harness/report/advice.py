"""Advice in plain words: is it enough, how close, what would be, and what the answer rests on."""

import math
from collections.abc import Iterator, Sequence

from harness.document.blocks import Block, Heading, Listing, Paragraph
from harness.document.numbers import count, figure
from harness.document.table import Cells, Column, table
from harness.facts.prediction import Range
from harness.facts.run import Run
from harness.model.advice import Advice, Checked, Enough, Known, Outlook, Question, Way
from harness.model.calibrate import Calibrated, comparable
from harness.model.interval import COVERAGE
from harness.model.latency import Upstream, highest_rate
from harness.model.server import Served
from harness.report.marks import load

TONES: dict[Enough, str] = {"yes": "better", "no": "worse", "close": "inconclusive"}
ENOUGH: dict[Enough, str] = {"yes": "enough", "no": "not enough", "close": "too close to call"}
ROOM = 1.5  # times the upstream time, which p95 is to stay within where nothing else is asked
FAR = 2.0  # times the calibration's upstream time, from which on a question lies far from it
COVERED = f"{COVERAGE:.0%} interval".replace("%", " %")


def of_run(run: Run) -> str:
    """Return what a run means for a service like it, in a sentence: up to which rate each lane is enough.

    Empty where no lane is calibrated, a request has no upstream time, or that time is not the same for all.
    """
    known = comparable(run)
    if not run.info.delay.startswith("fixed:") or not known:
        return ""
    upstream_s = max(one.upstream_s for one in known.values())
    within_s = ROOM * upstream_s
    most = {
        lane: highest_rate(Served(one.server()), Upstream(one.upstream_s, one.calls), 95, within_s)
        for lane, one in known.items()
    }
    each = ", ".join(f"{lane} {figure(rate)}" for lane, rate in sorted(most.items(), key=lambda item: item[1]))
    return (
        f"What that means for a service whose requests wait {_ms(upstream_s)} for upstreams: by the model one core "
        f"keeps p95 within {_ms(within_s)} up to so many requests/s: {each}. Below the figure of what you run, "
        "no change is needed to keep it. For your own rate, upstream time and slots ask make advise."
    )


def advice_blocks(advice: Advice, known: Known, run: Run) -> Iterator[Block]:
    """Yield the answer, the table of changes, and what it rests on."""
    yield Paragraph(today_sentence(advice), TONES[advice.today.enough])
    if advice.today.enough != "yes":
        yield Paragraph(change_sentence(advice), "better" if advice.recommended else "worse")
    if sentence := _margin_sentence(advice):
        yield Paragraph(sentence)
    yield Heading(f"What each would give at {_asked(advice.question)}, the smallest change first")
    yield table(_columns(advice.question), (advice.today, *advice.changes))
    yield Heading("What this rests on")
    yield Listing(tuple(_basis(advice, known, run)))
    yield Heading("What was not tested")
    yield Listing(tuple(_untested(advice, known)))


def tested_blocks(question: Question, tested: Sequence[Checked]) -> Iterator[Block]:
    """Yield what was measured beside what was expected."""
    yield Heading(f"Measured at {_asked(question)}")
    for one in tested:
        found = "it does not keep up" if math.isinf(one.latency_s) else f"{_percentile(question)} {_ms(one.latency_s)}"
        said = f"expected: {ENOUGH[one.expected.enough]}, {_latency(one.expected.latency_s)}"
        held = "the prediction held" if one.held else "THE PREDICTION DID NOT HOLD"
        yield Paragraph(
            f"{way_in_words(one.expected.way)}: {found} ({said}): {held}.", "better" if one.held else "worse"
        )


def today_sentence(advice: Advice) -> str:
    """Return whether today's setting is enough, and how close."""
    question, today = advice.question, advice.today
    begin = f"Today ({way_in_words(today.way)}) is {ENOUGH[today.enough]}: "
    if not today.most_rps.high:
        return f"{begin}no rate keeps {_slo(question)} where the upstream takes {_ms(question.upstream_s)} of it."
    most = f"{_slo(question)} holds up to {_rate(today.most_rps.value)} ({_interval(today.most_rps)})"
    times = question.rate_rps / today.most_rps.value
    asked = _asked(question)
    if today.enough == "close":
        return f"{begin}{most}, and {asked} lies within that interval."
    if today.enough == "no":
        return f"{begin}{most}, and {asked} is {figure(times, 2)} times that. {_at_rate(question, today)}"
    return f"{begin}{most}, and {asked} is {figure(100 * times, 2)} % of that. {_at_rate(question, today)}"


def change_sentence(advice: Advice) -> str:
    """Return the smallest change that is surely enough, or the one that comes nearest."""
    question, best = advice.question, advice.recommended
    if best:
        return (
            f"The smallest change that is enough: {way_in_words(best.way)}. It holds up to "
            f"{_rate(best.most_rps.value)} ({_interval(best.most_rps)}). {_at_rate(question, best)}"
        )
    nearest = max(advice.changes, key=lambda one: one.most_rps.low, default=None)
    if nearest is None or not nearest.most_rps.low:
        return (
            f"No change of the server is enough: the upstream takes {_ms(question.upstream_s)} of it. The nearest to "
            f"{_slo(question)} is {_nearest(advice)}. A faster upstream, a cache or a longer limit would help."
        )
    cores = math.ceil(question.rate_rps / nearest.most_rps.low * question.cores)
    return (
        f"No change is surely enough with {_cores(question.cores)}. The nearest is {way_in_words(nearest.way)}, up to "
        f"{_rate(nearest.most_rps.value)} ({_interval(nearest.most_rps)}); it would take about {count(cores)} cores."
    )


def _nearest(advice: Advice) -> str:
    best = min((advice.today, *advice.changes), key=lambda one: one.latency_s.value)
    return f"{_ms(best.latency_s.value)}, by {way_in_words(best.way)}"


def way_in_words(way: Way) -> str:
    """Return a way of serving in words: `Flask, 4 processes of 8 threads, urllib3 in place of requests`."""
    processes = "1 process" if way.workers == 1 else f"{count(way.workers)} processes"
    threads = "1 thread" if way.threads == 1 else f"{count(way.threads)} threads"
    match way.stack:
        case "sync" | "threads":
            return f"Flask, {processes} of {threads}"
        case "client":
            return f"Flask, {processes} of {threads}, urllib3 in place of requests"
        case "gevent":
            return f"Flask, {processes} of gunicorn's gevent worker"
        case "loop":
            return f"{way.lane}: async code and client on an event loop, {processes}"


def _at_rate(question: Question, one: Outlook) -> str:
    at = f"At {_asked(question)}"
    if math.isinf(one.latency_s.value):
        return f"{at} its backlog grows without end: it can serve {_rate(one.capacity_rps)} at most."
    return f"{at} {_percentile(question)} is expected at {_latency(one.latency_s)}."


def _margin_sentence(advice: Advice) -> str:
    """Return what would change the answer: how far rate, upstream time and CPU may rise alone; empty without one."""
    margin, question = advice.margin, advice.question
    if margin is None:
        return ""
    upstream = f"{_ms(question.upstream_s * margin.upstream)} of upstream time" if question.upstream_s else ""
    limits = [
        _rate(question.rate_rps * margin.rate),
        upstream if math.isfinite(margin.upstream) else "",
        f"{figure(margin.cpu, 2)} times the CPU of a request" if math.isfinite(margin.cpu) else "",
    ]
    return f"That surely holds up to {', or '.join(limit for limit in limits if limit)}, each alone. Beyond, ask again."


def _columns(question: Question) -> Cells[Outlook]:
    percentile = _percentile(question)
    return (
        (Column("way to serve", numeric=False, long=True), lambda one: way_in_words(one.way)),
        (Column(f"{percentile} ms"), lambda one: _in_ms(one.latency_s.value)),
        (
            Column("90 % interval", wide=True),
            lambda one: f"{_in_ms(one.latency_s.low)} to {_in_ms(one.latency_s.high)}",
        ),
        (Column("req/s that keep the SLO", lines="most\nreq/s"), lambda one: figure(one.most_rps.value)),
        (Column("90 % interval", wide=True), lambda one: f"{figure(one.most_rps.low)} to {figure(one.most_rps.high)}"),
        (Column("enough", numeric=False), lambda one: ENOUGH[one.enough]),
    )


def _basis(advice: Advice, known: Known, run: Run) -> Iterator[str]:
    question, machine = advice.question, run.info.machine
    where = f"{machine.get('processor', 'an unknown processor')}, {machine.get('system', 'an unknown system')}"
    yield f"Run {run.info.name}, scenario {run.info.scenario}, measured on {where}."
    for lane in dict.fromkeys(one.way.lane for one in (advice.today, *advice.changes)):
        yield _calibration(known.calibrated[lane])
    calls = f"{count(question.calls)} upstream call{'s' * (question.calls != 1)} in a row"
    tail = f"p99 of a call {figure(question.tail)} times its median" if question.tail > 1 else "all calls equally long"
    cpu = f"{figure(1000 * question.cpu_s)} ms of CPU for a request today" if question.cpu_s else "CPU as in the run"
    yield f"Your numbers: {calls}, {tail}, {cpu}, {_cores(question.cores)}, independent (Poisson) arrivals."
    if math.isfinite(advice.helpful_slots):
        yield f"More than about {figure(advice.helpful_slots, 2)} slots help today's stack no more."
    yield "Closed load by exact mean value analysis, open load by birth and death (METHODOLOGY.md, The model)."


def _calibration(one: Calibrated) -> str:
    cpu = " and ".join(
        f"{figure(1000 * seconds)} ms of CPU a request at {load(point)}"
        for point, seconds in zip(one.points, one.demand.seconds[::-1], strict=False)
    )
    blocks = f"blocks differ by {figure(100 * one.spread, 2)} %" if one.spread else "one block: the model's error alone"
    return f"{one.lane}: {cpu}, {_ms(one.upstream_s)} of upstream time; {blocks}."


def _untested(advice: Advice, known: Known) -> Iterator[str]:
    question, own = advice.question, known.calibrated[advice.today.way.lane]
    if question.upstream_s and not 1 / FAR < question.upstream_s / (own.upstream_s or math.inf) < FAR:
        yield f"An upstream time of {_ms(question.upstream_s)}: the run had {_ms(own.upstream_s)}."
    if question.calls != own.calls:
        yield (
            f"{count(question.calls)} calls: the run had {count(own.calls)}; what a call costs is known from "
            "`make study NAME=parts`."
        )
    if question.cores > 1:
        yield "More than one core: processes are taken to be independent, each with its share of the arrivals."
    if question.workers > 1 and question.threads > 1:
        yield "How kept connections spread over your processes: uneven shares are assumed, as gunicorn had them here."
    yield "Your code: its CPU (CPU_MS= says what you know), locks, database connections, large answers, TLS."
    yield "An upstream that fails or stalls, bursts of arrivals, memory."
    yield "VERIFY=1 measures today's way and the recommended one at this rate."


def _slo(question: Question) -> str:
    return f"{_percentile(question)} within {_ms(question.slo_s)}"


def _percentile(question: Question) -> str:
    return f"p{question.percent:g}"


def _rate(rps: float) -> str:
    return f"{figure(rps)}/s"


def _asked(question: Question) -> str:
    return f"{question.rate_rps:,.6g}/s"


def _ms(seconds: float) -> str:
    return f"{figure(1000 * seconds)} ms"


def _in_ms(seconds: float) -> str:
    return "grows" if math.isinf(seconds) else figure(1000 * seconds)


def _latency(found: Range) -> str:
    if math.isinf(found.value):
        return "a backlog that grows"
    high = f"to {_in_ms(found.high)}" if math.isfinite(found.high) else "and no upper end"
    return f"{_ms(found.value)} ({COVERED} {_in_ms(found.low)} {high})"


def _interval(found: Range) -> str:
    return f"{COVERED} {figure(found.low)} to {figure(found.high)}"


def _cores(number: int) -> str:
    return "1 core" if number == 1 else f"{count(number)} cores"
