"""Two runs of one plan get verdicts by lane, point and metric, from their trials."""

from pathlib import Path

import pytest
from bounds import BOUNDS, config_of
from compare_inputs import LOCUST_1, LOCUST_2, make_trial, write_run, write_trials, write_verdict_run

from harness.compare import Comparison, compare, render
from harness.compare.verdicts import FigureVerdict
from harness.errors import UsageError
from harness.facts.point import users
from harness.facts.trial import Trial
from harness.judge.statistics import holm, unpaired_ratio

LEVELS = [100.0, 101.0, 99.5, 100.5, 102.0, 98.5, 100.2, 99.8, 101.5, 99.0]
PRIMARY = {"lane": "quart", "baseline": "flask", "metric": "throughput", "point": users(300)}


def run_of(folder: Path, rps: list[float], **changes: object) -> Path:
    return write_run(folder, trials_of("quart", rps), **changes)


def trials_of(lane: str, rps: list[float], users: int = 300) -> list[Trial]:
    return [make_trial(lane, users, block, throughput_rps=value) for block, value in enumerate(rps, start=1)]


def scaled(factor: float, noise: float = 1.0) -> list[float]:
    return [factor * 100 * (level / 100) ** noise for level in LEVELS]


def verdict_of(comparison: Comparison, label: str, metric: str = "throughput") -> FigureVerdict:
    (found,) = (one for one in comparison.verdicts if (one.label, one.metric) == (label, metric))
    return found


@pytest.mark.parametrize(
    ("b", "word"),
    [
        (scaled(1.3), "better"),
        (scaled(0.7), "worse"),
        (scaled(1.01), "equivalent"),
        (scaled(1.05, noise=8), "inconclusive"),
        (scaled(1.3)[:7], "inconclusive"),
    ],
)
def test_the_four_verdicts_of_two_runs(tmp_path: Path, b: list[float], word: str) -> None:
    verdict = verdict_of(compare(run_of(tmp_path / "a", LEVELS), run_of(tmp_path / "b", b)), "quart@300")

    assert verdict.word == word
    assert verdict.ratio == unpaired_ratio(b, LEVELS)
    assert (verdict.blocks_a, verdict.blocks_b) == (10, len(b))


def test_less_latency_is_better_and_swapping_the_runs_swaps_the_words(tmp_path: Path) -> None:
    a, b = write_verdict_run(tmp_path / "a"), write_verdict_run(tmp_path / "b", quart=1.2)

    for metric in ("throughput", "p95"):
        assert verdict_of(compare(a, b), "quart@300", metric).word == "better"
        assert verdict_of(compare(b, a), "quart@300", metric).word == "worse"


def test_a_run_is_equivalent_to_itself(tmp_path: Path) -> None:
    run = write_verdict_run(tmp_path)
    comparison = compare(run, run)

    assert {one.word for one in comparison.verdicts if one.primary} == {"equivalent"}
    assert comparison.worse == ()


def test_the_primaries_of_both_lanes_are_adjusted_together_and_everything_else_apart(tmp_path: Path) -> None:
    comparison = compare(write_verdict_run(tmp_path / "a"), write_verdict_run(tmp_path / "b", quart=1.002))

    for primary in (True, False):
        family = [one for one in comparison.verdicts if one.primary == primary]
        raw = {f"{one.label} {one.metric}": one.ratio.p for one in family if one.ratio}
        assert len(raw) == 4
        assert {f"{one.label} {one.metric}": one.p for one in family} == holm(raw)
        assert {one.label.endswith("@300") for one in family} == {primary}


def test_a_primary_that_is_worse_is_reported_and_an_exploratory_one_is_not(tmp_path: Path) -> None:
    a, b = write_verdict_run(tmp_path / "a"), write_verdict_run(tmp_path / "b", quart=0.8)

    assert {(one.label, one.metric) for one in compare(a, b).worse} == {
        ("quart@300", "throughput"),
        ("quart@300", "p95"),
    }
    explored = compare(a / "trials.csv", b / "trials.csv")
    assert verdict_of(explored, "quart@300").word == "worse"
    assert explored.worse == ()
    assert any("every verdict is exploratory" in note for note in explored.notes)


def test_only_what_both_runs_declared_is_primary(tmp_path: Path) -> None:
    a = write_verdict_run(tmp_path / "a")
    b = write_verdict_run(tmp_path / "b", quart=0.8, level=100)

    assert compare(a, b).worse == ()


def test_an_invalid_trial_is_no_block(tmp_path: Path) -> None:
    trials = trials_of("quart", scaled(0.5))
    late = [trials[0].model_copy(update={"status": "invalid", "reasons": "late"}), *trials[1:]]
    comparison = compare(run_of(tmp_path / "a", LEVELS), write_run(tmp_path / "b", late))

    assert verdict_of(comparison, "quart@300").blocks_b == 9


@pytest.mark.parametrize("lane", ["flask", "quart-again"])
def test_a_block_that_was_replaced_counts_for_no_lane_that_is_judged(tmp_path: Path, lane: str) -> None:
    control = {**PRIMARY, "lane": "quart-again", "baseline": "quart"}
    trials = [
        trial.model_copy(update={"status": "invalid"}) if (trial.lane, trial.block) == (lane, 3) else trial
        for name in ("quart", "flask", "quart-again")
        for trial in trials_of(name, LEVELS)
    ]
    run = write_run(tmp_path, trials, primaries=[PRIMARY], controls=[control])

    assert verdict_of(compare(run, run), "quart@300").blocks_b == 9


def test_a_percentile_that_failures_reach_in_one_block_gets_no_verdict(tmp_path: Path) -> None:
    trials = trials_of("quart", LEVELS)
    failed = [trials[0].model_copy(update={"latency_p95_ms": None}), *trials[1:]]
    a, b = write_run(tmp_path / "a", trials), write_run(tmp_path / "b", failed)

    verdict = verdict_of(compare(a, b), "quart@300", "p95")

    assert (verdict.word, verdict.lacking) == ("inconclusive", 1)


def test_a_side_that_loses_more_requests_than_both_runs_allow_is_not_judged(tmp_path: Path) -> None:
    lossy = [
        trial.model_copy(update={"window_ok": 480, "window_censored": 20}) for trial in trials_of("quart", scaled(1.3))
    ]
    wide = {"config": config_of(validity={**BOUNDS, "failed_share": 0.05})}
    a, b = run_of(tmp_path / "a", LEVELS, **wide), write_run(tmp_path / "b", lossy, **wide)
    strict = run_of(tmp_path / "strict", LEVELS)

    assert verdict_of(compare(a, b), "quart@300").word == "better"
    for one, other in ((strict, b), (a / "trials.csv", b / "trials.csv")):
        verdict = verdict_of(compare(one, other), "quart@300")
        assert (verdict.word, verdict.decision.doubts) == ("inconclusive", ("failures",))


def test_a_primary_says_what_share_of_the_requests_was_lost(tmp_path: Path) -> None:
    primaries = {"primaries": [PRIMARY]}
    lossy = [trial.model_copy(update={"window_ok": 480, "window_censored": 20}) for trial in trials_of("quart", LEVELS)]
    a = run_of(tmp_path / "a", LEVELS, **primaries)
    b = write_run(tmp_path / "b", lossy, **primaries)

    assert "4 % of a side's requests failed or got no answer" in render(compare(a, b), width=200)


def test_a_percentile_with_fewer_than_ten_answers_beyond_it_is_not_judged(tmp_path: Path) -> None:
    few = [trial.model_copy(update={"window_ok": 199}) for trial in trials_of("quart", LEVELS)]
    comparison = compare(write_run(tmp_path / "a", few), write_run(tmp_path / "b", few))

    assert {one.metric for one in comparison.verdicts} == {"throughput"}


def test_a_primary_that_one_run_could_not_measure_is_inconclusive(tmp_path: Path) -> None:
    primaries = {"primaries": [PRIMARY]}
    a = write_run(tmp_path / "a", trials_of("quart", LEVELS) + trials_of("flask", LEVELS), **primaries)
    broken = [trial.model_copy(update={"status": "invalid"}) for trial in trials_of("quart", LEVELS)]
    b = write_run(tmp_path / "b", broken + trials_of("flask", LEVELS), **primaries)

    verdict = verdict_of(compare(a, b), "quart@300")

    assert (verdict.word, verdict.primary, verdict.blocks_b) == ("inconclusive", True, 0)


def test_a_lane_that_differs_from_itself_withholds_the_verdicts_of_that_metric(tmp_path: Path) -> None:
    declared = {
        "primaries": [PRIMARY, {**PRIMARY, "metric": "p95"}],
        "controls": [{"lane": "quart-again", "baseline": "quart", "metric": "throughput", "point": users(300)}],
    }
    lanes = [*trials_of("flask", LEVELS), *trials_of("quart", LEVELS), *trials_of("quart", LEVELS, users=16)]
    a = write_run(tmp_path / "a", [*lanes, *trials_of("quart-again", LEVELS)], **declared)
    b = write_run(tmp_path / "b", [*lanes, *trials_of("quart-again", scaled(1.2))], **declared)

    comparison = compare(a, b)

    assert verdict_of(compare(a, a), "quart@300").word == "equivalent"
    assert (verdict_of(comparison, "quart@300").word, verdict_of(comparison, "quart@300").withheld) == (
        "inconclusive",
        True,
    )
    assert verdict_of(comparison, "quart@300", "p95").word == "equivalent"
    assert verdict_of(comparison, "quart@16").word == "equivalent"
    assert "withheld" in render(comparison)


def test_settings_that_differ_are_named_and_only_short_ones_are_shown(tmp_path: Path) -> None:
    quart = {"command": "hypercorn quart_app.app:app --bind 127.0.0.1:{port}", "slots": 1}
    other = {"command": f"{quart['command']} --workers 2", "slots": 2}
    pairs = ((quart, "x"), (other, "y"))
    configs = (config_of(lanes={"quart": lane, more: {"command": "{port}", "slots": 1}}) for lane, more in pairs)
    a, b = (write_verdict_run(tmp_path / name, config=config) for name, config in zip("ab", configs, strict=True))

    assert "A and B were not measured alike: lanes.quart.command; lanes.quart.slots 1 / 2." in compare(a, b).notes


def test_primaries_that_are_none_are_an_error(tmp_path: Path) -> None:
    run = run_of(tmp_path, LEVELS)
    described = (run / "run.json").read_text()
    (run / "run.json").write_text(described.replace('"primaries":[]', '"primaries":[{"lane":"quart"}]'))

    with pytest.raises(UsageError, match=r"run\.json is damaged: config\.primaries"):
        compare(run, run)


def test_two_locust_reports_get_no_verdict() -> None:
    comparison = compare(LOCUST_1, LOCUST_2)

    assert comparison.verdicts == comparison.worse == ()
    assert "One trial a side allows no verdict" in comparison.notes[0]


def test_a_throughput_of_zero_is_lacking_and_no_error(tmp_path: Path) -> None:
    a = write_trials(tmp_path / "a.csv", trials_of("quart", LEVELS))
    b = write_trials(tmp_path / "b.csv", trials_of("quart", [0.0, *LEVELS[1:]]))

    assert verdict_of(compare(a, b), "quart@300").lacking == 1
