"""What a run says in words: the answer first, then what this machine can see and what was left out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from harness.capacity.answer import needs
from harness.document.numbers import count, figure, percent, signed
from harness.facts.capacity import LaneCapacity, Probe
from harness.facts.figures import BY_NAME, LEAST_BEYOND
from harness.facts.point import Point
from harness.facts.run import Run
from harness.facts.verdict import Doubt, Resolution, Verdict
from harness.judge.bottleneck import Bottleneck, Cause, Clues
from harness.judge.ladder import unsaturated
from harness.judge.statistics import EQUIVALENCE, POWER
from harness.judge.verdict import LEAST_PAIRS, is_significant
from harness.report import advice, course
from harness.report.marks import load, pairs

LOGS = "The end of a server's log, where there is one, is in logs/<trial>.log."
INVALID = f"These trials are invalid: they are kept, but they are in no figure and no chart. {LOGS}"
HIGHEST = "Each lane at its highest measured number of users."
LADDER = "What each step buys"
ROUTES = "By request"
CAPACITY = "What rate does it hold?"
BOTTLENECKS = "What holds each lane back"
STALL_MS = (30.0, 60.0)  # an acknowledgement is delayed by 40 ms on Linux
MOST_EFFECT = 10.0  # a larger difference than ten times is only called so


@dataclass(frozen=True)
class Sentence:
    """A sentence and its tone: a verdict's word, "warning" or "note"."""

    text: str
    tone: str


def title(run: Run) -> str:
    """Return the run's question in a few words."""
    pairs = dict.fromkeys(f"{verdict.lane} against {verdict.baseline}" for verdict in run.verdicts)
    return ", ".join(pairs) or "Lanes side by side"


def subtitle(run: Run) -> str:
    """Return which run it is and what was asked of the lanes."""
    return f"{run.info.name} · scenario {run.info.scenario} · upstream delay {run.info.delay}"


def verdict_point(run: Run) -> Point | None:
    """Return the verdict point, or the highest of closed load where that one was not measured; None without any."""
    measured = [point.point for point in run.summaries if point.blocks]
    if run.info.verdict_point in measured:
        return run.info.verdict_point
    return max((point for point in measured if point.load == "closed"), default=None)


def headline(run: Run) -> tuple[Sentence, ...]:
    """Return the answer, and what a reader must know before believing it."""
    parts = (
        _doubts,
        _cold,
        _ladder,
        _verdicts,
        _stacks,
        _advice,
        _not_fresh,
        _overloaded,
        _stalls,
        _resolution,
        _controls,
        _left_out,
    )
    return tuple(sentence for part in parts for sentence in part(run))


def _doubts(run: Run) -> Iterator[Sentence]:
    if run.info.status != "complete":
        yield Sentence(_unfinished(run), "warning")
    if not run.trials:
        yield Sentence("No trial was finished, so this run has no result.", "warning")
    elif len(run.invalid) == len(run.trials):
        done = _trials(len(run.trials))
        yield Sentence(
            f"No trial is valid ({done} finished), so this run has no result. The reasons are listed below.", "warning"
        )


def _cold(run: Run) -> Iterator[Sentence]:
    if course.is_cold(run):
        yield Sentence(course.COLD, "warning")


def _unfinished(run: Run) -> str:
    done = f"{_trials(len(run.trials))} finished of {count(len(run.info.plan))} planned."
    if run.info.status == "interrupted":
        return f"The run was interrupted: {done}"
    return f"The run has not ended, or was killed: {done}"


def _verdicts(run: Run) -> Iterator[Sentence]:
    if run.verdicts:
        yield from (Sentence(verdict_sentence(verdict), verdict.word) for verdict in run.verdicts)
    elif len(run.invalid) < len(run.trials):
        yield Sentence("No primary was measured, so this run has no verdict: all its figures are exploratory.", "note")


def _stacks(run: Run) -> Iterator[Sentence]:
    """Yield which lanes of a verdict the ladder leads through several changes: no single one is the cause."""
    for lane, baseline in dict.fromkeys((verdict.lane, verdict.baseline) for verdict in run.verdicts):
        changes = (
            run.ladders[0].changes(baseline, lane) if run.ladders else []
        )  # those of all metrics lead the same way
        if len(changes) > 1:
            yield Sentence(f"{lane} and {baseline} are two stacks: {', '.join(changes)} differ.", "note")


def _advice(run: Run) -> Iterator[Sentence]:
    if text := advice.of_run(run):
        yield Sentence(text, "ladder")


def _ladder(run: Run) -> Iterator[Sentence]:
    """Yield the whole way with what each change has of it, and a warning where the steps do not make the whole."""
    for ladder in run.ladders:
        whole = ladder.whole
        if ladder.metric != "throughput" or whole is None or whole.ratio is None or ladder.product is None:
            continue
        changes = dict.fromkeys(rung.step.change for rung in ladder.way)
        steps = ", ".join(f"{change} {_times(ladder.times_of(change))}" for change in changes)
        way = f"From {whole.step.baseline} to {whole.step.lane}"
        sure = f"95 % CI {figure(whole.low)} to {figure(whole.high)}, {count(whole.pairs)} paired blocks"
        yield Sentence(
            f"{way}: {figure(whole.ratio)} times the requests per second ({sure}). Step by step: {steps}.",
            "ladder",
        )
        if not ladder.agrees:
            yield Sentence(
                f"The steps multiply to {_times(ladder.product)}, which lies outside that interval: they were measured "
                "in different blocks, and the machine changed meanwhile.",
                "warning",
            )
        if idle := unsaturated([rung.step for rung in ladder.rungs], run.summaries):
            lanes = ", ".join(f"{point.lane} {percent(point.limit_share)} % at {load(point.point)}" for point in idle)
            yield Sentence(
                f"Not saturated, in % of what slots, CPU or the users allow: {lanes}. A step to or from such a lane "
                "says what so many users get, not what the lane can carry: compare CPU per request, or measure more.",
                "warning",
            )


def _not_fresh(run: Run) -> Iterator[Sentence]:
    """Yield which servers were there before: what they had done until then is in their figures."""
    if there := [lane for lane in run.lanes if run.info.config.lanes[lane].url]:
        names = ", ".join(there)
        yield Sentence(f"The servers of {names} were not started by this run: they were not fresh.", "warning")


def _times(ratio: float | None) -> str:
    return f"×{figure(ratio)}"  # noqa: RUF001 - the sign for "times"


def verdict_sentence(verdict: Verdict) -> str:
    """Return a verdict as a sentence: what was found, how sure that is, and why it decides nothing if so."""
    if verdict.ratio is None:
        return f"At {load(verdict.point)}, {_subject(verdict)}: inconclusive, {_reasons(verdict)}."
    found = f"At {load(verdict.point)} {_ratio_in_words(verdict)} ({_interval(verdict)})"
    if verdict.word == "inconclusive":
        return f"{found}: inconclusive, {_reasons(verdict)}."
    return f"{found}: {verdict.word}{_within(verdict)}."


def _within(verdict: Verdict) -> str:
    return f", within a ratio of {EQUIVALENCE} either way" if verdict.word == "equivalent" else ""


def _subject(verdict: Verdict) -> str:
    return f"{_name(verdict.metric)} of {verdict.lane} against {verdict.baseline}"


def _ratio_in_words(verdict: Verdict) -> str:
    raw = BY_NAME[verdict.metric].raw
    alike = " at equal core speed" if raw else ""
    if "throughput" in (verdict.metric, raw):
        return f"{verdict.lane} served {verdict.ratio:.2f} times the requests per second of {verdict.baseline}{alike}"
    what = _name(raw or verdict.metric)
    return f"the {what} of {verdict.lane} was {verdict.ratio:.2f} times that of {verdict.baseline}{alike}"


def _interval(verdict: Verdict) -> str:
    raw = "; as it was, {:.2f}, {:.2f} to {:.2f}".format(*verdict.raw) if verdict.raw else ""
    return f"95 % CI {verdict.low:.2f} to {verdict.high:.2f}, {pairs(verdict)} paired blocks{raw}"


def _reasons(verdict: Verdict) -> str:
    if verdict.doubts:
        return "; ".join(
            _DOUBTS[doubt].format(lacking=verdict.lacking, failed=figure(100 * verdict.failed_share, 2))
            for doubt in verdict.doubts
        )
    blocks = verdict.blocks_to_settle
    return f"{blocks} blocks would settle it with 80 % chance" if blocks else "more blocks would hardly settle it"


_DOUBTS: dict[Doubt, str] = {
    "incomplete": "as the run is not complete",
    "withheld": "since a lane differed from itself in this metric (A/A)",
    "lacking": f"as {{lacking}} valid trials lack the figure (failed requests reach it, or fewer than {LEAST_BEYOND} "
    "requests lie beyond it)",
    "failures": "as {failed} % of a lane's requests failed or got no answer",
    "few blocks": f"as a verdict takes at least {LEAST_PAIRS} paired blocks, or a difference at a declared look",
}


def _resolution(run: Run) -> Iterator[Sentence]:
    """Yield what this machine can see today, a sentence for each metric."""
    if run.resolutions:
        yield Sentence(" ".join(_can_see(resolution) for resolution in run.resolutions), "note")


def _can_see(seen: Resolution) -> str:
    return (
        f"Minimum detectable effect in {_name(seen.metric)}: {_effect(seen.effect)} % "
        f"({100 * POWER:g} % power, {count(seen.pairs)} pairs; 95 % CI {_effect(seen.low)} to {_effect(seen.high)} %). "
        f"Equality within {100 * (EQUIVALENCE - 1):.0f} % {'can' if seen.equality >= POWER else 'cannot'} be shown "
        f"(chance {_chance(seen.equality)} %)."
    )


def _chance(share: float) -> str:
    """Return a chance in whole percent: the deviation that it rests on is known no better."""
    return "below 1" if share < 0.01 else "above 99" if share > 0.99 else f"{100 * share:.0f}"


def _effect(effect: float) -> str:
    return figure(100 * effect, 2) if effect < MOST_EFFECT else f"more than {count(100 * MOST_EFFECT)}"


def _name(metric: str) -> str:
    return BY_NAME[metric].prose if metric in BY_NAME else metric


def _controls(run: Run) -> Iterator[Sentence]:
    """Yield the A/A results: a warning where a lane differs from itself, one sentence for all that do not."""
    yield from (Sentence(_differs(control), "warning") for control in run.controls if is_significant(control))
    if quiet := [control for control in run.controls if not is_significant(control)]:
        each = "; ".join(_same(control) for control in quiet)
        yield Sentence(f"A/A: {quiet[0].baseline} against itself: {each}.", "note")


def _same(control: Verdict) -> str:
    if control.ratio is None or control.low is None or control.high is None:
        return f"{_name(control.metric)}: too few valid pairs"
    return f"{_name(control.metric)} ratio {_ratio(control)}: no difference found"


def _differs(control: Verdict) -> str:
    return (
        f"A/A: {control.baseline} differs from itself in {_name(control.metric)}: ratio {_ratio(control)}. "
        "Verdicts on it are withheld."
    )


def _ratio(control: Verdict) -> str:
    return f"{control.ratio:.3f} ({control.low:.3f} to {control.high:.3f})"


def _overloaded(run: Run) -> Iterator[Sentence]:
    """Yield the rates at which the backlog surely grew, though no block alone shows it."""
    for point in run.summaries:
        if (found := point.overload) and found.is_certain and not point.not_sustained:
            interval = f"95 % CI {signed(found.low)} to {signed(found.high)} %"
            yield Sentence(
                f"{point.lane} does not keep up with {load(point.point)}: in {count(point.blocks)} blocks its backlog "
                f"gained {signed(found.gained)} % of the arrivals ({interval}). It has no percentiles at this rate.",
                "warning",
            )


def _stalls(run: Run) -> Iterator[Sentence]:
    """Yield the lanes whose kept connections wait for a delayed acknowledgement."""
    for lane in run.lanes:
        extra = [trial.kept_extra_ms for trial in run.trials if trial.lane == lane and trial.kept_extra_ms is not None]
        if extra and STALL_MS[0] <= (usual := median(extra)) <= STALL_MS[1]:
            yield Sentence(
                f"{lane}: an answer takes {figure(usual, 2)} ms longer on a kept connection than on a fresh one. The "
                "server sends head and body apart without TCP_NODELAY, and Nagle's algorithm holds the body back until "
                "the client acknowledges the head, which it delays by 40 ms. The lane's latencies hold this wait.",
                "warning",
            )


def _left_out(run: Run) -> Iterator[Sentence]:
    lost = len(run.invalid)
    if 0 < lost < len(run.trials):
        verb = "is" if lost == 1 else "are"
        yield Sentence(f"{count(lost)} of {count(len(run.trials))} trials {verb} invalid and left out.", "note")


def _trials(number: int) -> str:
    return f"{count(number)} trial was" if number == 1 else f"{count(number)} trials were"


def bottleneck_evidence(found: Bottleneck) -> str:
    """Return the figures that show what holds a lane back, in half a sentence."""
    evidence = found.breach or _EVIDENCE[found.cause](found.clues)
    blocks = f" (in {count(found.trials)} of {count(found.of)} blocks)" if found.trials < found.of else ""
    return evidence + blocks


def _core(clues: Clues) -> str:
    return "CPU not known" if clues.cpu_share is None else f"core {percent(clues.cpu_share)} % busy"


def _of_latency(time_ms: float | None, clues: Clues) -> str:
    share = time_ms / clues.latency_ms if time_ms is not None and clues.latency_ms else None
    return f"{figure(time_ms)} ms ({percent(share)} % of the latency)"


def _slots(clues: Clues) -> str:
    taken = f"{figure(clues.in_service)} of {count(clues.slots)} slots had a request in service"
    return f"{taken}; a request waited {_of_latency(clues.waiting_ms, clues)} outside the app; {_core(clues)}"


def _loop(clues: Clues) -> str:
    return (
        f"a request waited {_of_latency(clues.waiting_ms, clues)} to be taken up and sent back, though no slot was "
        f"lacking; {_core(clues)}; {figure(clues.upstream_calls)} calls at the upstream, {figure(clues.in_flight)} "
        "requests in flight"
    )


def _pool(clues: Clues) -> str:
    return (
        f"a request waited {_of_latency(clues.client_wait_ms, clues)} for the app's own client; never more than "
        f"{count(clues.upstream_most)} calls at the upstream, {figure(clues.in_flight)} requests in flight; "
        f"{_core(clues)}"
    )


def _accept(clues: Clues) -> str:
    refused = f"{count(clues.refused)} connections refused; " if clues.refused else ""
    return f"{refused}up to {count(clues.accept_queue)} connections waited to be accepted; {_core(clues)}"


def _room(clues: Clues) -> str:
    slots = f", {figure(clues.in_service)} of {count(clues.slots)} slots taken" if clues.slots else ""
    waits = [wait for wait in (clues.waiting_ms, clues.client_wait_ms) if wait is not None]
    waited = f"; all waits beyond the upstream's: {_of_latency(sum(waits), clues)}" if waits else ""
    return f"{_core(clues)}{slots}{waited}"


_EVIDENCE: dict[Cause, Callable[[Clues], str]] = {
    "slots full": _slots,
    "CPU": lambda clues: f"{percent(clues.cpu_share)} % of the server's cores",
    "event loop blocked": _loop,
    "upstream pool": _pool,
    "accept queue": _accept,
    "unknown": lambda clues: (
        f"neither upstream nor CPU explain {_of_latency(clues.untold_ms, clues)}, and the app does not tell its times"
    ),
    "none": _room,
}


def capacity_sentences(run: Run) -> Iterator[Sentence]:
    """Yield what rate each lane holds, and how sure that is."""
    yield from (Sentence(_holds(found), "" if found.held_rps else "warning") for found in run.held_rates)


def _holds(found: LaneCapacity) -> str:
    if found.named_rps is None:
        return f"{found.lane} keeps {found.slo} at no rate: not even an idle server is quick enough."
    if not found.probes:
        return f"{found.lane} has too few requests to resolve {found.slo}; the model names {figure(found.named_rps)}/s."
    if found.held_rps is None:
        lowest = found.probes[0]
        return f"{found.lane}: no probed rate is sure to keep {found.slo}; the lowest was {figure(lowest.rate_rps)}/s."
    missed = f" and misses it at {figure(found.missed_rps)}/s" if found.missed_rps else "; no probed rate missed it"
    between = [
        probe
        for probe in found.probes
        if probe.word == "unresolved"
        and probe.rate_rps > found.held_rps
        and (found.missed_rps is None or probe.rate_rps < found.missed_rps)
    ]
    where = "What lies between" if found.missed_rps else "What lies above"
    open_ones = f" {where} is not resolved ({_rates(between)})." if between else ""
    doubt = " A higher rate was held: the machine changed meanwhile." if found.contradicts else ""
    return f"{found.lane} holds {figure(found.held_rps)}/s at {found.slo}{missed}.{open_ones}{doubt}"


def _rates(probes: Sequence[Probe]) -> str:
    return ", ".join(f"{figure(probe.rate_rps)}/s" for probe in probes)


def needs_sentences(run: Run, peak_rps: float | None, price_hour: float | None) -> Iterator[str]:
    """Yield how many instances a peak takes on each lane, and what a million requests cost."""
    if peak_rps is None and price_hour is None:
        return
    for found in run.held_rates:
        if found.held_rps is None:
            continue
        needed = needs(found.held_rps, peak_rps, price_hour)
        instances = f"{count(needed.instances)} instances serve {count(peak_rps)}/s" if needed.instances else ""
        where = "there" if instances else f"at {figure(found.held_rps)}/s"
        cost = f"a million requests cost {figure(needed.per_million)} {where}" if price_hour is not None else ""
        yield f"{found.lane}: {', '.join(filter(None, (instances, cost)))}"
