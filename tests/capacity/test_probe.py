"""How a probe is judged: what so many late requests prove, and blocks that contradict each other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured_trials import trial
from scipy.stats import binom
from trials import evidence, open_load

from harness.capacity.probe import backlog_grows, exceeded, probe_of, word_of
from harness.facts.capacity import Exceeded
from harness.facts.slo import parse_slo
from harness.facts.trial import Trial

P99 = parse_slo("p99<500ms")
SLO = parse_slo("p99<500ms,errors<0.1%")


def seen(requests: int, *late: int) -> Exceeded:
    return Exceeded(requests=requests, late=late)


def block(number: int = 1, *, rate: float = 100.0, gained: float = 0.0, **figures: object) -> Trial:
    backlog = {"backlog_first": 20.0, "backlog_last": 20.0 + gained, "window_s": 9.0, "sustained": True}
    known = {**backlog, "load": "open", "users": None, "rate_rps": rate, **figures}
    return trial("lane", number, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("requests", "late", "word"),
    [
        (299, 0, "held"),
        (298, 0, "unresolved"),
        (473, 1, "held"),
        (472, 1, "unresolved"),
        (1000, 10, "unresolved"),
        (1000, 16, "missed"),
        (1000, 15, "unresolved"),
        (5, 5, "missed"),
        (0, 0, "unresolved"),
    ],
)
def test_so_many_late_requests_prove_so_much_of_p99(requests: int, late: int, word: str) -> None:
    assert word_of(seen(requests, late), P99) == word


def test_every_clause_is_to_be_proven_and_one_is_enough_to_miss() -> None:
    assert word_of(seen(2994, 0, 0), SLO) == "unresolved"
    assert word_of(seen(2995, 0, 0), SLO) == "held"
    assert word_of(seen(2995, 0, 9), SLO) == "missed"


@settings(max_examples=8)
@given(st.integers(50, 1500), st.sampled_from([0.5, 0.05, 0.01]))
def test_a_rate_at_the_very_edge_is_called_held_or_missed_in_one_of_twenty_cases_at_most(
    requests: int, allowed: float
) -> None:
    slo = parse_slo(f"p{100 * (1 - allowed):g}<1s")
    shares = {"held": 0.0, "missed": 0.0, "unresolved": 0.0}
    for late in range(requests + 1):
        if (chance := float(binom.pmf(late, requests, allowed))) > 1e-7:
            shares[word_of(seen(requests, late), slo)] += chance

    assert shares["held"] <= 0.05 + 1e-4
    assert shares["missed"] <= 0.05 + 1e-4


def test_late_and_lost_requests_of_the_window_are_counted_against_each_clause() -> None:
    arrivals = open_load(100, 0.2)  # from 9 s on; the window is 10 to 13
    latency, outcome = arrivals.latency_s.copy(), arrivals.outcome.copy()
    latency[:50] = 0.9  # before the window
    latency[100:103] = 0.6
    outcome[200], outcome[201] = "failed", "censored"
    changed = replace(arrivals, latency_s=latency, outcome=np.asarray(outcome))

    assert exceeded(evidence(changed, load="open"), SLO) == seen(300, 5, 2)


def test_blocks_add_up_and_each_alone_may_be_too_few() -> None:
    found = probe_of(100, [(block(number), seen(100, 0)) for number in (1, 2, 3)], P99)

    assert (found.word, found.requests, found.late, found.valid) == ("held", 300, (0,), 3)


@pytest.mark.parametrize("blocks", [[seen(2000, 0), seen(200, 20)], [seen(400, 0), seen(400, 40)]])
def test_blocks_that_contradict_each_other_leave_it_unresolved(blocks: list[Exceeded]) -> None:
    assert probe_of(100, [(block(number), one) for number, one in enumerate(blocks)], P99).word == "unresolved"


def test_a_backlog_that_grows_is_a_miss_however_quick_the_answers_still_are() -> None:
    lost = [(block(number, sustained=number == 1), seen(3000, 0)) for number in (1, 2)]
    slowly = [(block(number, gained=36.0), seen(900, 0)) for number in (1, 2, 3)]  # 6 % of the arrivals

    assert probe_of(100, lost, P99).word == "missed"
    assert probe_of(100, slowly, P99).word == "missed"
    assert not backlog_grows([block(gained=36.0)])  # one window alone is luck


def test_invalid_blocks_do_not_count_and_most_have_to_be_valid() -> None:
    good, bad = (block(), seen(3000, 0)), (block(2, status="invalid"), seen(3000, 900))

    disturbed = (block(3, status="invalid"), seen(3000, 0))

    assert probe_of(100, [good, good, disturbed], P99).word == "held"
    assert probe_of(100, [good, good, bad], P99).word == "unresolved"  # what made it invalid may be what it missed
    assert probe_of(100, [good, bad], P99).word == "unresolved"
    assert probe_of(100, [bad], P99).valid == 0
