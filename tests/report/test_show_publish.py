import resource
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from show_runs import Published, empty_run, make_run

from harness.errors import UsageError
from harness.report import publish


@pytest.fixture
def little_address_space() -> Iterator[None]:
    """As much as the tests have and a gigabyte: enough for Python, too little for V8."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_a_published_run_has_both_reports_and_each_chart_as_svg_and_png(
    published: Published,
) -> None:
    folder = published(make_run)
    charts = sorted(path.name for path in (folder / "charts").iterdir())

    assert sorted(path.name for path in folder.iterdir()) == ["charts", "report.html", "report.md", "tracking"]
    assert len(charts) == 24
    assert {Path(name).suffix for name in charts} == {".svg", ".png"}
    assert all(path.read_bytes()[:4] in (b"<svg", b"\x89PNG") for path in (folder / "charts").iterdir())


def test_the_report_refers_to_charts_that_are_there(published: Published) -> None:
    folder = published(make_run)
    named = [
        line.split("](")[1][:-1] for line in (folder / "report.md").read_text().splitlines() if line.startswith("![")
    ]

    assert len(named) == 12
    assert all((folder / name).is_file() for name in named)


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "run"
    in_the_way.write_text("a file")

    with pytest.raises(UsageError, match="cannot write"):
        publish(empty_run(), in_the_way)


@pytest.mark.usefixtures("little_address_space")
def test_a_run_whose_charts_cannot_be_drawn_has_both_reports_without_them_and_the_reason(tmp_path: Path) -> None:
    problem = publish(make_run(), tmp_path)

    assert "the chart converter ended by SIG" in str(problem)
    assert "\n" not in str(problem)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.md", "tracking"]
    assert "![" not in (tmp_path / "report.md").read_text()
    assert "<figure" not in (tmp_path / "report.html").read_text()
    assert "flask-threads-64" in (tmp_path / "report.html").read_text()
