from show_runs import all_invalid_run, empty_run, hostile_run, make_run, single_trial_run

from harness.records import Run
from harness.show import sentences


def texts(run: Run) -> list[str]:
    return [sentence.text for sentence in sentences.headline(run)]


def test_the_headline_is_the_verdicts_and_what_was_left_out() -> None:
    run = make_run()

    assert texts(run) == [*(verdict.sentence for verdict in run.verdicts), "2 of 84 trials are invalid and left out."]


def test_a_run_without_a_valid_trial_says_so_first() -> None:
    assert texts(all_invalid_run())[0] == (
        "No trial is valid (21 trials were finished): this run answers nothing. See below why."
    )


def test_a_run_without_a_trial_says_so() -> None:
    assert texts(empty_run())[:2] == [
        "The run was interrupted: 0 trials were finished of 84 planned.",
        "No trial was finished: this run answers nothing.",
    ]


def test_an_interrupted_run_says_how_much_of_it_there_is() -> None:
    assert texts(single_trial_run())[0] == "The run was interrupted: 1 trial was finished of 10 planned."


def test_a_run_that_was_killed_does_not_claim_to_be_complete() -> None:
    run = make_run()
    killed = run.model_copy(update={"info": run.info.model_copy(update={"status": "running"})})

    assert texts(killed)[0].startswith("The run has not ended, or was killed")


def test_a_run_without_a_primary_says_that_it_is_exploratory() -> None:
    assert "This run has no verdict" in texts(single_trial_run())[1]


def test_the_title_names_the_pair_that_was_judged() -> None:
    assert sentences.title(make_run()) == "quart against flask-threads-300"
    assert sentences.title(single_trial_run()) == "Lanes side by side"


def test_what_was_not_checked_is_said_with_its_lanes() -> None:
    checks = sentences.not_checked(hostile_run())

    assert [check.split(" (")[0] for check in checks] == ["identity", "upstream calls", "limit"]


def test_settings_are_flattened_to_dotted_names() -> None:
    nested = {"profile": {"points": [1, 4], "window_s": 2.5}, "seed": 1}

    assert list(sentences.settings(nested)) == [
        ("profile.points", "[1, 4]"),
        ("profile.window_s", "2.5"),
        ("seed", "1"),
    ]


def test_the_charts_over_time_are_those_of_the_verdict_point() -> None:
    assert sentences.verdict_users(make_run()) == 300
    assert sentences.verdict_users(all_invalid_run()) is None
