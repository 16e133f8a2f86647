import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from show_runs import all_invalid_run, empty_run, hostile_run, make_run, open_run

from harness.document.as_markdown import escaped, markdown
from harness.facts.run import Run
from harness.report.charts import drawings
from harness.report.document import report
from harness.report.printable import printable


@pytest.mark.parametrize(("make", "name"), [(make_run, "golden_report.md"), (open_run, "golden_open_load.md")])
def test_the_report_is_the_golden_one(make: Callable[[], Run], name: str) -> None:
    run, golden = make(), Path(__file__).with_name(name)
    written = markdown(report(run, drawings(run)))

    if os.environ.get("REWRITE_GOLDEN") == "1":
        golden.write_text(written, encoding="utf-8")

    assert written == golden.read_text(encoding="utf-8")


def test_hostile_text_does_not_change_the_shape_of_a_table() -> None:
    run = printable(hostile_run())
    tables = [block for block in markdown(report(run, drawings(run))).split("\n\n") if block.startswith("|")]

    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.split("\n")}) == 1


def test_hostile_text_is_no_markup() -> None:
    assert escaped("a|b <i> `c` *d* _e_ [f](g) \\") == r"a\|b \<i\> \`c\` \*d\* \_e\_ \[f\](g) \\"


def test_a_report_without_a_valid_trial_refers_to_no_chart_and_gives_the_reasons() -> None:
    run = all_invalid_run()
    written = markdown(report(run, drawings(run)))

    assert "charts/" not in written
    assert "No trial is valid" in written
    assert written.count("wrong upstream calls") == len(run.trials)


def test_a_report_of_nothing_says_so() -> None:
    assert "No trial was finished" in markdown(report(empty_run(), ()))
