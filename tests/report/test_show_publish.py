from pathlib import Path

import pytest
from show_runs import Published, empty_run, make_run

from harness.errors import UsageError
from harness.report import publish


def test_a_published_run_has_both_reports_and_each_chart_as_svg_and_png(
    published: Published,
) -> None:
    folder = published(make_run)
    charts = sorted(path.name for path in (folder / "charts").iterdir())

    assert sorted(path.name for path in folder.iterdir()) == ["charts", "report.html", "report.md", "tracking"]
    assert len(charts) == 22
    assert {Path(name).suffix for name in charts} == {".svg", ".png"}
    assert all(path.read_bytes()[:4] in (b"<svg", b"\x89PNG") for path in (folder / "charts").iterdir())


def test_the_report_refers_to_charts_that_are_there(published: Published) -> None:
    folder = published(make_run)
    named = [
        line.split("](")[1][:-1] for line in (folder / "report.md").read_text().splitlines() if line.startswith("![")
    ]

    assert len(named) == 11
    assert all((folder / name).is_file() for name in named)


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "run"
    in_the_way.write_text("a file")

    with pytest.raises(UsageError, match="cannot write"):
        publish(empty_run(), in_the_way)
