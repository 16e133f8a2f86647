"""Advice put to the test: situations that a seed picks, advised, then measured."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from harness.advise.known import Source, source
from harness.facts.config import Upstream
from harness.measure.site import ROOT
from harness.model.advice import Advice, Checked, Question, advise
from harness.studies.laboratory import laboratory
from harness.studies.study import Row, Study
from harness.studies.verified import delay_of, measured

UPSTREAM_MS = (50, 100, 200, 400, 700, 1000)
SLOTS = ((1, 1), (2, 1), (4, 1), (8, 1), (1, 2), (1, 5), (1, 10), (1, 20), (1, 40), (1, 64), (1, 100))
NEAR, FAR = (0.7, 1.2), (0.2, 2.5)  # shares of what keeps the SLO: half of the situations lie near it
RATES = (5.0, 400.0)
RIGHT = 0.9  # of the situations
TRIES = 1000
Say = Callable[[str], None]


def advice(situations: int = 20, seed: int = 1, say: Say = lambda _: None, run: Source | None = None) -> Study:
    """Ask about situations with 5 to 400 arrivals/s, 50 to 1,000 ms of upstream time and 1 to 100 slots; measure each.

    Half of them lie between 0.7 and 1.2 of the rate that is advised to be the most. All advice is given before the
    first one is measured.
    """
    found = run or source(ROOT / "results", None, say)
    advices = list(_picked(found, situations, random.Random(f"advice {seed}")))
    tested = []
    for number, one in enumerate(advices, start=1):
        tested.append(_measured(found, one, say))
        say(
            f"{number}: "
            + ", ".join(f"{name} {_short(value)}" for name, value in _row(one.question, tested[-1]).items())
        )
    right = sum(one.held for one in tested)
    surely = [one for one in tested if one.expected.enough != "close"]
    return Study(
        f"Advice on {situations} situations, measured (run {found.run.info.name}, seed {seed})",
        tuple(_row(one.question, test) for one, test in zip(advices, tested, strict=True)),
        notes=(
            f"{right} of {situations} right; {len(surely)} were called enough or not enough, and "
            f"{sum(one.held for one in surely)} of these are so. One that is called close is right either way.",
        ),
        promise=f"right in at least {RIGHT:.0%} of the situations",
        kept=right >= RIGHT * situations,
    )


def _picked(found: Source, situations: int, luck: random.Random) -> Iterator[Advice]:
    """Yield the advice on each situation."""
    for number in range(situations):
        near = NEAR if number % 2 else FAR
        for _ in range(TRIES):
            workers, threads = luck.choice(SLOTS)
            upstream_s = luck.choice(UPSTREAM_MS) / 1000
            asked = Question(1.0, upstream_s, upstream_s * luck.choice((1.5, 2, 3)), workers, threads, calls=2)
            most = advise(asked, found.known).today.most_rps.value
            rate = float(f"{most * luck.uniform(*near):.3g}")
            if RATES[0] <= rate <= RATES[1]:
                yield advise(replace(asked, rate_rps=rate), found.known)
                break


def _measured(found: Source, one: Advice, say: Say) -> Checked:
    with laboratory(Upstream(delay=delay_of(one.question))) as bench:
        return measured(bench, one.question, one.today, found.known, found.run.info.config, say)


def _short(value: str | float | None) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(question: Question, one: Checked) -> Row:
    found = one.expected
    return {
        "slots": f"{question.workers} x {question.threads}",
        "upstream": 1000 * question.upstream_s,
        "SLO ms": 1000 * question.slo_s,
        "rate/s": question.rate_rps,
        "most/s": found.most_rps.value,
        "said": {"yes": "enough", "no": "not enough", "close": "close"}[found.enough],
        "p95 ms": None if one.latency_s == float("inf") else 1000 * one.latency_s,
        "found": "within" if one.within else "beyond",
        "right": "yes" if one.held else "NO",
    }
