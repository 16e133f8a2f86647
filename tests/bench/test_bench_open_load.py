"""Open load and A/A in a whole run."""

from pathlib import Path

from running import in_process, only_run, outcome


def measured(run: Path) -> list[dict[str, str]]:
    return outcome(only_run(run / "results"))


def in_open_load(run: Path) -> list[dict[str, str]]:
    return [trial for trial in measured(run) if trial["load"] == "open"]


def test_open_load_follows_closed_load_on_each_lane_but_the_control(open_run: Path) -> None:
    places = {(trial["lane"], trial["load"], trial["users"] or trial["rate_rps"]) for trial in measured(open_run)}
    lanes = {"threads", "quart"}
    assert places == {(lane, "closed", "4") for lane in (*lanes, "quart-again")} | {
        (lane, "open", rate) for lane in lanes for rate in ("40.0", "400.0")
    }


def test_an_arrival_is_accounted_for_and_calls_its_upstreams_whether_it_was_sustained_or_not(open_run: Path) -> None:
    for trial in in_open_load(open_run):
        number = {name: int(trial[name]) for name in trial if trial[name].isdigit()}
        assert trial["status"] == "valid", trial["reasons"]
        assert number["started"] == number["ok"] + number["failed"] + number["censored"] > 0
        assert 2 * number["ok"] <= number["upstream_calls"] <= 2 * number["started"]


def test_a_rate_beyond_a_lanes_capacity_is_not_sustained_and_has_no_percentile(open_run: Path) -> None:
    places = {(trial["lane"], trial["rate_rps"]): trial for trial in in_open_load(open_run)}

    for place, sustained in {("threads", "40.0"): True, ("quart", "40.0"): True, ("threads", "400.0"): False}.items():
        assert places[place]["sustained"] == str(sustained)
        assert bool(places[place]["latency_p50_ms"]) == sustained


def test_both_lanes_of_a_pair_meet_the_identical_schedule(open_run: Path) -> None:
    counted = {(trial["block"], trial["window_ok"]) for trial in in_open_load(open_run) if trial["rate_rps"] == "40.0"}

    assert len(counted) == len({block for block, _ in counted}) == 2


def test_every_figure_of_a_run_follows_from_its_raw_data(open_run: Path) -> None:
    ended = in_process("verify", only_run(open_run / "results"))

    assert ended.returncode == 0, ended.stdout
