import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from upstream.faults import BrownOut, Error, Faults, Hang, Slow, extra_s, hit
from upstream.luck import uniform

draws = st.floats(1e-9, 1 - 1e-9)


@given(draws)
def test_a_fault_hits_its_share_and_the_next_one_the_share_after_that(u: float) -> None:
    error, hang = Error(kind="error", share=0.25), Hang(kind="hang", share=0.5)

    assert hit([error, hang], "sun", u) == (error if u < 0.25 else hang if u < 0.75 else None)


@given(draws)
def test_a_fault_leaves_other_endpoints_alone(u: float) -> None:
    assert hit([Error(kind="error", share=1, endpoint="sun")], "location", u) is None


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_of_64_users_the_share_is_hit(share: float) -> None:
    draws = [uniform(7, "sun/fault", f"{user}-3") for user in range(64)]

    hits = sum(hit([Error(kind="error", share=share)], "sun", u) is not None for u in draws)

    assert hits == pytest.approx(64 * share, abs=1)


def test_a_slow_call_and_every_call_of_a_brown_out_wait_longer() -> None:
    slow = Slow(kind="slow", share=0.1, extra_s=0.5)
    brown_out = BrownOut(kind="brown-out", share=0.2, extra_s=2.0, endpoint="sun")

    assert extra_s([slow, brown_out], "sun", slow) == 2.5
    assert extra_s([slow, brown_out], "sun", None) == 2.0
    assert extra_s([slow, brown_out], "location", slow) == 0.5
    assert extra_s([slow, brown_out], "location", None) == 0.0


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"kind": "error"}, "share"),
        ({"kind": "error", "share": 1.5}, "less than or equal to 1"),
        ({"kind": "error", "share": float("nan")}, "finite number"),
        ({"kind": "error", "share": 1, "status": 200}, "greater than or equal to 500"),
        ({"kind": "flood", "share": 1}, "'brown-out'"),
        ({"kind": "slow", "share": 1}, "extra_s"),
        ({"kind": "reset", "share": 1, "extra": 1}, "not permitted"),
        ({"kind": "garbage", "share": 1, "body": "x"}, "'not-json' or 'wrong-shape'"),
    ],
)
def test_a_bad_fault_is_refused_with_the_reason(fault: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Faults.model_validate([fault])


def test_shares_that_add_up_to_more_than_all_calls_are_refused() -> None:
    half, more = {"kind": "error", "share": 0.5, "endpoint": "sun"}, {"kind": "hang", "share": 0.6}

    with pytest.raises(ValidationError, match=r"the shares of sun add up to 1\.1"):
        Faults.model_validate([half, more])
