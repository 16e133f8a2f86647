"""Calibration and studies with real processes, in short form: what they find is checked, not how fast it is."""

import json
from pathlib import Path

import pytest
from tried import in_three_tries

from harness.errors import UsageError
from harness.facts.names import pick
from harness.facts.verdict import Word
from harness.studies import STUDIES
from harness.studies.calibration import calibration
from harness.studies.delays import delays
from harness.studies.error_rates import equality, error_rates, keeps_promise, shows_equality
from harness.studies.in_flight import in_flight
from harness.studies.instrument import arrivals, calibrate, recorder
from harness.studies.laboratory import laboratory
from harness.studies.parts import fit, parts
from harness.studies.stall import stall
from harness.studies.templates import templates

HERE = {"processor": "this one"}


def number(value: str | float | None) -> float:
    assert isinstance(value, float | int)
    return float(value)


@in_three_tries
def test_calibration_finds_a_floor_a_ceiling_and_the_known_delay() -> None:
    with laboratory() as bench:
        found = calibrate(bench, seconds=0.5)

    assert 0 < number(found["floor_p50_ms"]) < 50
    assert 200 <= number(found["known_200_ms_p50_ms"]) < 300
    assert number(found["generator_ceiling_rps_per_core"]) > 500
    assert number(found["stub_ceiling_rps_per_core"]) > number(found["generator_ceiling_rps_per_core"])
    assert number(found["open_1000_rps_sent_share"]) == pytest.approx(1, abs=0.1)


def test_a_kept_calibration_is_used_again_on_the_same_machine_alone(tmp_path: Path) -> None:
    kept = {"circumstances": HERE, "figures": {"floor_p50_ms": 0.4}}
    (tmp_path / "calibration.json").write_text(json.dumps(kept))
    said: list[str] = []

    assert calibration(tmp_path, HERE, said.append) == {"floor_p50_ms": 0.4}
    assert said == []


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"figures": {}}'])
def test_a_damaged_calibration_is_made_anew(kept: str, tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text(kept)
    said: list[str] = []

    class AskedError(Exception):
        """The calibration began."""

    def say(line: str) -> None:
        said.append(line)
        raise AskedError

    with pytest.raises(AskedError):
        calibration(tmp_path, HERE, say)


@in_three_tries
def test_open_load_sees_the_stalls_that_closed_load_hides() -> None:
    at_constant, at_random, closed = stall(seconds=5.0).rows

    for row in (at_constant, at_random):
        assert number(row["p99 ms"]) > 700
    assert number(closed["p99 ms"]) < number(at_random["p99 ms"])
    assert number(closed["max ms"]) > 900


@in_three_tries
def test_every_scheduled_arrival_is_sent() -> None:
    (row,) = arrivals(seconds=2.0).rows

    assert number(row["sent / scheduled"]) > 0.9
    assert number(row["arrivals"]) == pytest.approx(3000, rel=0.1)


@in_three_tries
def test_calls_that_wait_in_the_stub_at_once_are_all_answered() -> None:
    (row,) = in_flight(seconds=1.0, rate=100).rows

    assert row["failed"] == 0
    assert number(row["most in flight"]) > 100


@in_three_tries
def test_the_recorder_is_compared_with_a_bare_generator_in_pairs() -> None:
    (row,) = recorder(rounds=1, seconds=1.0).rows

    assert 0.2 < number(row["ours req/s"]) / number(row["bare req/s"]) < 5


@in_three_tries
def test_percentiles_of_a_long_tail_are_those_that_were_delivered() -> None:
    for row in delays(seconds=2.0).rows:
        assert number(row["ours ms"]) == pytest.approx(number(row["delivered ms"]), rel=0.3)
        assert number(row["Locust's own ms"]) == pytest.approx(number(row["delivered ms"]), rel=0.5)


@in_three_tries
def test_filled_requests_are_compared_with_plain_ones_in_pairs() -> None:
    (row,) = templates(rounds=1, seconds=1.0).rows

    assert 0.5 < number(row["filled CPU us/request"]) / number(row["plain CPU us/request"]) < 2


def test_parts_finds_a_cost_for_each_call_and_follows_it_to_the_mix() -> None:
    (row,) = parts(blocks=1, seconds=0.5, lanes=("quart",)).rows

    assert number(row["own ms"]) > 0
    assert number(row["mix measured ms"]) > 0
    assert number(row["mix predicted ms"]) == pytest.approx(number(row["own ms"]) + 1.5 * number(row["call ms"]))


def test_a_cost_that_grows_with_the_calls_is_taken_apart_exactly() -> None:
    calls = {"events": 0.0, "weather": 1.0, "sun": 2.0, "city": 3.0, "mix": 1.5}
    costs = {(name, block): (0.5 + 0.4 * made) * block for name, made in calls.items() for block in (1, 2)}

    found = fit(costs, calls, blocks=2)

    assert found.own == pytest.approx([0.5, 1.0])
    assert found.call == pytest.approx([0.4, 0.8])
    assert found.predicted == pytest.approx(found.measured)
    assert found.third == pytest.approx(found.third_measured)
    assert found.third == pytest.approx([1.7, 3.4])


def test_error_rates_name_their_interval_and_what_was_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.studies.laboratory.bounds", dict)  # what is fair is not this test's business
    said: list[str] = []

    equal, slower = error_rates(equal=1, slower=1, pairs=2, seconds=0.5, clients=4, say=said.append).rows

    assert len(said) == 2
    for row in (equal, slower):
        assert row["plans"] == 1
        assert number(row["low %"]) <= number(row["rate %"]) <= number(row["high %"])
    assert number(slower["expected %"]) >= 0
    assert number(equal["expected %"]) == 5


@pytest.mark.parametrize(
    ("alarms", "found", "kept"),
    [
        (0, 20, True),
        (6, 13, True),  # 10 % of 60, whose interval begins at 3.8 %, and 65 % of 20: it ends at 85 %
        (8, 20, False),  # 13 %, from 5.9 %
        (0, 11, False),  # 55 %, to 77 %
    ],
)
def test_error_rates_keep_their_promise_within_their_intervals(alarms: int, found: int, kept: bool) -> None:
    equal = times(alarms, "better") + times(60 - alarms, "equivalent")
    slower = times(found, "worse") + times(20 - found, "inconclusive")

    assert keeps_promise(equal, slower) is kept


def times(number: int, word: Word) -> list[Word]:
    return [word] * number


def test_equality_is_shown_if_nine_of_ten_plans_are_called_equivalent() -> None:
    assert shows_equality(times(9, "equivalent") + times(1, "inconclusive"))
    assert not shows_equality(times(8, "equivalent") + times(2, "inconclusive"))


def test_a_plan_of_too_few_pairs_shows_no_equality(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.studies.laboratory.bounds", dict)  # what is fair is not this test's business

    study = equality(plans=1, pairs=2, seconds=0.5, clients=4)

    (row,) = study.rows
    assert row["called equivalent"] == 0  # of so few pairs nothing is said
    assert not study.kept


def test_an_unknown_study_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="no study 'stal'") as raised:
        pick(STUDIES, "stal", "study")

    assert "stall" in raised.value.hint
