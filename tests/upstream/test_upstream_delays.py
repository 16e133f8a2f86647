import math
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstream.delays import ENDPOINTS, Course, Endpoint, Fixed, LogNormal, Model, delay_s, expected, parse_model

MODELS = [Fixed(0.1), Course(), LogNormal(0.1, 0.5)]

models = st.sampled_from(MODELS)
endpoints = st.sampled_from(ENDPOINTS)
shares = st.floats(1e-9, 1 - 1e-9)


@given(models, st.integers(), endpoints, st.text())
def test_the_same_arguments_give_the_same_delay(model: Model, seed: int, endpoint: Endpoint, request_id: str) -> None:
    first = delay_s(model, seed, endpoint, request_id)

    assert first == delay_s(model, seed, endpoint, request_id) > 0


@given(models, endpoints, shares, shares)
def test_a_larger_share_never_has_a_shorter_delay(model: Model, endpoint: Endpoint, u: float, v: float) -> None:
    assert model.quantile_s(endpoint, min(u, v)) <= model.quantile_s(endpoint, max(u, v))


@given(st.floats(0.001, 1), st.floats(0, 2), shares)
def test_the_log_normal_quantile_has_its_share_of_the_distribution_below(median: float, sigma: float, u: float) -> None:
    delay = LogNormal(median, sigma).quantile_s("sun", u)

    if sigma > 0.01:  # the textbook's distribution function
        assert (1 + math.erf(math.log(delay / median) / sigma / math.sqrt(2))) / 2 == pytest.approx(u, abs=1e-6)
    else:
        assert delay == pytest.approx(median, rel=0.1)


@pytest.mark.parametrize(("endpoint", "count"), [("location", 13), ("sun", 5), ("weather", 5)])
def test_each_of_the_courses_values_is_as_likely_as_the_others(endpoint: Endpoint, count: int) -> None:
    quantiles = [Course().quantile_s(endpoint, (i + 0.5) / (100 * count)) for i in range(100 * count)]

    assert {quantiles.count(value) for value in set(quantiles)} == {100}
    assert len(set(quantiles)) == count


def test_the_courses_values_span_what_the_course_measured() -> None:
    location, sun = ([Course().quantile_s(endpoint, u) for u in (1e-9, 1 - 1e-9)] for endpoint in ("location", "sun"))

    assert location == [0.28844, 0.535646]
    assert sun == [0.399203, 0.741911]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_stated_mean_is_that_of_the_quantiles(model: Model, endpoint: Endpoint) -> None:
    mean = fmean(model.quantile_s(endpoint, (i + 0.5) / 65_000) for i in range(65_000))

    assert model.mean_s(endpoint) == pytest.approx(mean, rel=1e-3)


@given(models, st.integers(0, 10**9), endpoints, st.integers(0, 10**6), st.integers(0, 10**6))
def test_64_users_meet_nearly_the_true_mean(model: Model, seed: int, endpoint: Endpoint, user: int, k: int) -> None:
    mean = fmean(delay_s(model, seed, endpoint, f"{user + i}-{k}") for i in range(64))

    # 64 independent draws of this log-normal would be off by more than that in every tenth case
    assert mean == pytest.approx(model.mean_s(endpoint), rel=0.11)


@pytest.mark.parametrize("model", [Course(), LogNormal(0.1, 0.5)])
def test_delays_follow_the_distribution(model: Model) -> None:
    delays = sorted(delay_s(model, 1, "location", f"{user}-{k}") for user in range(100) for k in range(100))

    for share in (0.1, 0.25, 0.5, 0.75, 0.9, 0.99):
        below = sum(delay <= model.quantile_s("location", share) for delay in delays) / len(delays)
        assert below == pytest.approx(share, abs=0.005 if isinstance(model, LogNormal) else 1 / 13)


def test_mean_and_longest_delay_are_stated_by_endpoint() -> None:
    assert expected(dict.fromkeys(ENDPOINTS, Fixed(0.1))) == {
        "mean_s": {"location": 0.1, "sun": 0.1, "weather": 0.1},
        "longest_s": {"location": 0.1, "sun": 0.1, "weather": 0.1},
    }
    assert expected(dict.fromkeys(ENDPOINTS, Course()))["longest_s"] == {
        "location": 0.535646,
        "sun": 0.741911,
        "weather": 0.741911,
    }


@pytest.mark.parametrize(
    ("spec", "model"),
    [
        ("fixed:0.1", Fixed(0.1)),
        ("fixed:0", Fixed(0)),
        ("course", Course()),
        ("lognormal:0.1:0.5", LogNormal(0.1, 0.5)),
        ("lognormal:0.2:0", LogNormal(0.2, 0)),
    ],
)
def test_a_spec_names_a_model(spec: str, model: Model) -> None:
    assert parse_model(spec) == model


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("", "is none of"),
        ("fixed", "is none of"),
        ("fixed:1:2", "is none of"),
        ("gamma:1", "is none of"),
        ("fixed:fast", "SECONDS is not a number: 'fast'"),
        ("fixed:-1", "SECONDS must be from 0 to 3600, not -1"),
        ("fixed:nan", "SECONDS must be"),
        ("fixed:inf", "SECONDS must be"),
        ("lognormal:99:1", "MEDIAN_S must be from 0 to 60"),
        ("lognormal:0.1:-1", "SIGMA must be from 0 to 2"),
        ("lognormal:0.1:9", "SIGMA must be from 0 to 2"),
    ],
)
def test_a_bad_spec_is_refused_with_the_reason(spec: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_model(spec)
