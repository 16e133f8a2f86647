import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.facts.slo import parse_slo


def test_an_slo_is_read_with_its_shares_and_its_times() -> None:
    slo = parse_slo("p99 < 500ms, p50<=0.2s,errors<0.1%")

    assert [(clause.within_ms, clause.allowed) for clause in slo.clauses] == [
        (500.0, 0.01),
        (200.0, 0.5),
        (None, 0.001),
    ]
    assert str(slo) == "p99<500ms,p50<200ms,errors<0.1%"
    assert parse_slo(str(slo)) == slo


@pytest.mark.parametrize(
    ("text", "least"), [("p99<1s", 299), ("p95<1s", 59), ("p99.9<1s", 2995), ("p99<1s,errors<0.1%", 2995)]
)
def test_it_takes_so_many_requests_of_which_none_is_late(text: str, least: int) -> None:
    assert parse_slo(text).least_requests == least


@given(st.floats(1, 99.9).map(lambda percent: round(percent, 1)))
def test_one_request_fewer_would_not_prove_it(percent: float) -> None:
    slo = parse_slo(f"p{percent:g}<1s")

    assert (percent / 100) ** slo.least_requests <= 0.05 < (percent / 100) ** (slo.least_requests - 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p99<fast", "'p99<fast' is no part of an SLO"),
        ("p100<500ms", "'p100<500ms' is no part"),
        ("p0<500ms", "'p0<500ms' is no part"),
        ("p99<0ms", "'p99<0ms' is no part"),
        ("p99>500ms", "'p99>500ms' is no part"),
        ("mean<5ms", "'mean<5ms' is no part"),
        ("p99<5ms,errors<0%", "'errors<0%' is no part"),
        ("errors<1%", "bounds no latency"),
        ("", "bounds no latency"),
        ("p99<5ms,p99<6ms", "bounds p99 twice"),
    ],
)
def test_what_is_no_slo_is_said_with_an_example(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as error:
        parse_slo(text)

    assert error.value.hint
