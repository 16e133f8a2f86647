import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.compare.metrics import KNOWN, direction, find_metric, in_order, percentile, ratio

FIGURES = st.floats(min_value=0, max_value=1e300) | st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("metric", "a", "b", "word"),
    [
        ("p99", 200, 100, "better"),
        ("p99", 100, 200, "worse"),
        ("throughput", 100, 200, "better"),
        ("throughput", 200, 100, "worse"),
        ("failure_share", 2.0, 1.0, "better"),
        ("cpu", 1.0, 0.5, "better"),
        ("requests", 1, 2, "n.a."),
        ("trials", 1, 2, "n.a."),
        ("mean", None, 1, "n.a."),
        ("mean", 1, None, "n.a."),
    ],
)
def test_less_latency_and_more_throughput_are_better(metric: str, a: float, b: float, word: str) -> None:
    assert direction(KNOWN[metric], a, b) == word


def test_values_that_print_a_ratio_of_one_are_the_same() -> None:
    assert direction(KNOWN["mean"], 10_000, 10_005) == "same"
    assert direction(KNOWN["mean"], 10_000, 10_006) == "worse"


def test_a_ratio_with_nothing_below_the_line_does_not_exist() -> None:
    assert ratio(0, 5) is None
    assert ratio(0, 0) is None
    assert ratio(5e-324, 1e300) is None
    assert ratio(5, 0) == 0


@settings(deadline=None)
@given(FIGURES)
def test_a_value_is_the_same_as_itself(value: float) -> None:
    assert direction(KNOWN["p50"], value, value) == "same"
    assert ratio(value, value) == (1 if value else None)


@settings(deadline=None)
@given(FIGURES, FIGURES)
def test_swapping_the_sides_inverts_ratio_and_direction(a: float, b: float) -> None:
    opposite = {"better": "worse", "worse": "better", "same": "same"}
    there, back = ratio(a, b), ratio(b, a)

    assert direction(KNOWN["p50"], b, a) == opposite[direction(KNOWN["p50"], a, b)]
    if there and back:
        assert math.isclose(there * back, 1, rel_tol=1e-9)


@pytest.mark.parametrize(("name", "percent"), [("p50", 50), ("p99.9", 99.9), ("p99.999", 99.999), ("p42", 42)])
def test_any_percentile_is_a_metric(name: str, percent: float) -> None:
    assert find_metric(name) == percentile(percent)
    assert percentile(percent).name == name


@pytest.mark.parametrize("name", ["p0", "p100", "p101", "p", "p9x", "", "P99", "latency"])
def test_nothing_else_is_a_metric(name: str) -> None:
    assert find_metric(name) is None


def test_metrics_stand_in_one_order_with_rising_percentiles() -> None:
    names = ["pss", "p99.9", "max", "p99", "p50", "mean", "throughput", "requests"]

    ordered = in_order(metric for name in names if (metric := find_metric(name)))

    assert [metric.name for metric in ordered] == [
        *("requests", "throughput", "mean", "p50", "p99", "p99.9", "max", "pss")
    ]
