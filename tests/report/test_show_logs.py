"""What a server said is shown beside its invalid trial, harmless and line by line."""

import io

from rich.console import Console
from show_runs import all_invalid_run

from harness.facts.run import Run
from harness.report import documents, terminal_report

SAID = "Traceback (most recent call last):\n    raise Oops\x1b[31m\nOops: <b>no</b> ~~~~"


def spoiled() -> Run:
    run = all_invalid_run()
    return run.model_copy(update={"logs": {run.invalid[0].trial: SAID}})


def test_both_reports_hold_the_lines_with_their_indentation_and_no_control_characters() -> None:
    shown = documents(spoiled())

    assert "\n    raise Oops [31m\nOops: <b>no</b> ~~~~\n~~~~~~~" in shown["report.md"]
    assert "\n    raise Oops [31m\nOops: &lt;b&gt;no&lt;/b&gt; ~~~~</pre>" in shown["report.html"]


def test_the_terminal_shows_the_last_of_them() -> None:
    out = io.StringIO()
    Console(file=out, width=100, no_color=True).print(terminal_report(spoiled()))

    assert f"{spoiled().invalid[0].trial}: the end of what its server said" in out.getvalue()
    assert "Oops: <b>no</b>" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_a_trial_of_which_nothing_is_kept_has_no_log() -> None:
    assert "the end of what its server said" not in documents(all_invalid_run())["report.md"]
