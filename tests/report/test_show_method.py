from show_runs import full_run, hostile_run, make_run

from harness.document.numbers import ABSENT
from harness.report import method


def test_what_was_not_checked_is_said_with_its_lanes() -> None:
    checks = method.not_checked(hostile_run())

    assert [check.split(" (")[0] for check in checks] == ["identity", "upstream calls", "limit"]


def test_settings_are_flattened_to_dotted_names() -> None:
    settings = dict(method.settings(make_run().info.config))

    assert settings["upstream.seed"] == "1"
    assert settings["lanes.quart.command"] == "serve quart --bind 127.0.0.1:{port}"
    assert settings["profiles.quick.points"] == "[1, 4, 16, 64, 100, 300]"
    assert settings["profiles.quick.window_s"] == "2.5"


def test_a_calibration_is_shown_by_name_with_its_figures_rounded() -> None:
    run = make_run()
    known = {"measured_utc": "noon", "generator": {"ceiling_rps": 2913.377, "runs": 3}, "stub_lateness_p99_ms": None}
    calibrated = run.model_copy(update={"info": run.info.model_copy(update={"calibration": known})})

    assert method.calibration(calibrated) == (
        ("measured utc", "noon"),
        ("generator.ceiling rps", "2,910"),
        ("generator.runs", "3"),
        ("stub lateness p99 ms", ABSENT),
    )


def test_a_run_without_a_calibration_shows_none() -> None:
    assert method.calibration(make_run()) == ()
    assert method.calibration(full_run()) != ()


def test_the_method_says_that_intervals_are_over_the_blocks() -> None:
    assert any("on the logs of the blocks" in paragraph for paragraph in method.METHOD)
