"""README says what is so: its figures are the sample's, its commands work."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from readme import README, ROOT, SAMPLE, filled
from running import in_process

from harness.bench.verify import differences
from harness.studies import STUDIES

# One of README's commands is run for real, in a short form; every other `make bench` is planned, as README has it.
FOR_REAL = "make bench"
SHORT = "LANES=quart POINTS=4 CONFIG={run}/bench.toml RESULTS={tmp}"
# What reads a run reads the tests' own, which has other points than README's; these are the commands in full.
OF_A_RUN = {
    "make verify RUN=results/latest": "make verify RUN={run}/results/latest",
    "make report RUN=results/latest": "make report RUN={tmp}/run",
    "make compare A=results/sample B=results/latest": "make compare A={run}/results/latest B={run}/results/latest",
    "make compare A=results/sample B=results/latest FORMAT=markdown THRESHOLD='quart@300:p95 ratio <= 1.2'": (
        "make compare A={run}/results/latest B={tmp}/run FORMAT=markdown THRESHOLD='quart@4:p50 ratio <= 1.2'"
    ),
    "make compare A=before_stats.csv B=after_stats.csv ROWS='GET /api/*'": (
        "make compare A={run}/results/latest/locust/quart@4_stats.csv "
        "B={run}/results/latest/locust/threads@4_stats.csv ROWS='GET /api/*'"
    ),
    "make compare A=main_stats.csv B=branch_stats.csv THRESHOLD='p95 ratio <= 1.2 or +20ms' FORMAT=markdown": (
        "make compare A={run}/results/latest/locust/quart@4_stats.csv B={run}/results/latest/locust/quart@4_stats.csv "
        "THRESHOLD='p50 ratio <= 1.2 or +20ms' FORMAT=markdown"
    ),
    "make compare A='runs/before/*' B='runs/after/*'": (
        "make compare A='{run}/results/latest/locust/*_stats.csv' B='{run}/results/latest/locust/*_stats.csv'"
    ),
    "make compare RUNS='runs/monday runs/tuesday runs/friday' FORMAT=html > runs.html": (
        "make compare RUNS='{run}/results/latest {tmp}/run {run}/results/latest' FORMAT=html > {tmp}/runs.html"
    ),
    "make timeline RUN=results/latest": "make timeline RUN={tmp}/run",
}
ALONE = {
    "make": "make",
    "make timeline": "make timeline OUT={tmp}/timeline UPSTREAM_S=0.1",
    "make demo": "make demo SPEED=100",
}
# Commands that other tests run.
ELSEWHERE = {
    "make test": "whoever reads this",
    "make compare A=before_stats.csv B=after_stats.csv WINDOW=60:300": "tests/compare/test_compare_span.py",
    "make bench RESUME=results/latest": "tests/bench/test_bench_broken_off.py",
    "make calibrate": "tests/studies/test_studies_live.py",
    **{
        f"make study NAME={name}": "tests/studies/test_studies_live.py"
        for name in ("stall", "arrivals", "in-flight", "recorder", "templates", "delays", "equality", "parts")
    },
    "make study NAME=error-rates": "tests/studies/test_studies_live.py",
    **{f"make study NAME={name}": "tests/studies/test_simulation.py" for name in ("coverage", "rejections")},
    "make study NAME=looks": "tests/studies/test_looks_study.py",
    "make capacity SLO='p99<500ms,errors<0.1%' LANES=flask-threads-300,quart PEAK=2000 PRICE_HOUR=0.05": (
        "tests/capacity/test_capacity_live.py"
    ),
    "make ui": "tests/ui/test_ui_live.py",
    "make bench FLASK=http://127.0.0.1:9000 QUART=http://127.0.0.1:9001 PATHS=/a,/b": (
        "tests/own/test_two_services_live.py"
    ),
    "make check-pair FLASK='gunicorn my.wsgi:app --bind 127.0.0.1:{port} --threads 100' "
    "QUART='hypercorn my.asgi:app --bind 127.0.0.1:{port}' PATHS=/a,/b CWD=/home/me/my": (
        "tests/pair/test_check_pair_live.py"
    ),
    "make advise RATE=50 UPSTREAM_MS=400 SLO_MS=1000 WORKERS=4 THREADS=1": "tests/advise/test_advise.py",
    "make advise RATE=50 UPSTREAM_MS=400 SLO_MS=1000 WORKERS=4 THREADS=1 VERIFY=1": "tests/advise/test_verify_live.py",
    "make predict RUN=results/latest PROFILE=full": "tests/advise/test_predictions.py",
    "make score RUN=results/latest": "tests/advise/test_predictions.py",
    "make study NAME=advice": "tests/advise/test_verify_live.py",
    **{
        f"make {words}": "tests/hand/test_machines_live.py"
        for words in (
            "hosts-check HOSTS=ssh:me@a,ssh:me@b,ssh:me@c,ssh:me@d",
            "bench SERVER=ssh:me@a UPSTREAM_HOST=ssh:me@b WORKERS=ssh:me@c,ssh:me@d PLAN=1",
            "bench SERVER=ssh:me@a UPSTREAM_HOST=ssh:me@b WORKERS=ssh:me@c,ssh:me@d REMOTE=1",
        )
    },
    "make hosts-setup HOSTS=ssh:me@a,ssh:me@b,ssh:me@c,ssh:me@d": "tests/hand/test_setup.py",
    "make mutation": "nobody: it takes twenty minutes, and tests the tests",
}


def commands() -> list[str]:
    """Return every make command that README shows, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.startswith("make")]


def test_the_answer_and_the_migration_table_are_those_of_the_sample_and_the_mirror() -> None:
    assert README.read_text() == filled(README.read_text())


def test_every_picture_and_file_that_readme_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text())

    assert any(link.startswith(SAMPLE) for link in links)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_sample_is_as_the_harness_wrote_it() -> None:
    assert list(differences(ROOT / SAMPLE)) == []


def test_every_link_to_a_heading_leads_to_one() -> None:
    for file, anchor in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", README.read_text()):
        headings = re.findall(r"^#+ (.*)$", (ROOT / (file or "README.md")).read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def planned() -> list[str]:
    """Return README's commands that measure: the targets' own words, from profile to rate."""
    return [
        command
        for command in dict.fromkeys(commands())
        if command.startswith("make bench") and command not in ELSEWHERE
    ]


def test_every_command_of_readme_is_tried_here_or_elsewhere() -> None:
    assert set(commands()) == {*planned(), *OF_A_RUN, *ALONE, *ELSEWHERE}
    assert all((ROOT / test).exists() for test in ELSEWHERE.values() if test.startswith("tests/"))


def test_every_study_of_readme_and_no_other_can_be_named() -> None:
    named = [command.partition("NAME=")[2] for command in commands() if command.startswith("make study")]

    assert sorted(named) == sorted(STUDIES)


def make(command: str, run: Path, tmp: Path) -> subprocess.CompletedProcess[str]:
    short = command.replace("{run}", str(run)).replace("{tmp}", str(tmp))
    return subprocess.run(short, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)  # noqa: S602


@pytest.mark.parametrize("command", planned())
def test_what_readme_measures_is_parsed_and_planned_as_it_stands_there(command: str) -> None:
    """Make turns the command into words of the harness, which are then planned in this process."""
    shown = subprocess.run(
        ["make", "--dry-run", *shlex.split(command)[1:], "PLAN=1"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    words = shlex.split(shown.stdout.splitlines()[-1])
    assert "--plan" in words  # else it would be measured

    ended = in_process(*words[words.index("harness") + 1 :])

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\d+ trials of \d+ lanes? in \d+ blocks", ended.stdout)


def test_what_readme_measures_is_measured(real_run: Path, tmp_path: Path) -> None:
    ended = make(f"{FOR_REAL} {SHORT}", real_run, tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "latest" / "report.html").exists()


@pytest.mark.parametrize("command", OF_A_RUN)
def test_what_readme_does_with_a_run_works(command: str, real_run: Path, tmp_path: Path) -> None:
    shutil.copytree(real_run / "results" / "latest", tmp_path / "run")

    ended = make(OF_A_RUN[command], real_run, tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("command", ALONE)
def test_the_other_commands_of_readme_work(command: str, tmp_path: Path) -> None:
    ended = make(ALONE[command], tmp_path, tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
