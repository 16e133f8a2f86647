"""README says what is so: its figures are the sample's, its commands work."""

import re
import subprocess
from pathlib import Path

import pytest
from readme import README, ROOT, SAMPLE, filled

from harness.bench.verify import differences

SHORT = "BLOCKS=1 DELAY=fixed:0.02 RESULTS={tmp} CONFIG={tmp}/bench.toml"
LAX = """[validity]
edge_late_ms = 1000
generator_cpu_share = 10
driver_cpu_share = 10
stub_lateness_ms = 1000
user_idle_ms = 1000
send_lateness_ms = 1000
generator_queue_share = 10
steal_share = 10
foreign_share = 10
pressure_share = 10
speed_drift = 10
"""
OTHERS = "quart-gunicorn,flask-gevent,quart-uvloop"
PAIR = "LANES=quart,flask-threads-64"
# Each command of README in a short form; None where another test runs it for real.
COMMANDS = {
    "make": "make",
    "make bench": f"make bench {PAIR} POINTS=2 {SHORT}",
    "make test": None,
    "make bench PROFILE=smoke": f"make bench PROFILE=smoke LANES=quart POINTS=2 {SHORT}",
    "make bench PROFILE=course": f"make bench PROFILE=course LANES=quart POINTS=2 {SHORT}",
    "make bench PROFILE=full": f"make bench PROFILE=full LANES={OTHERS} POINTS=2 RATES=20 {SHORT}",
    "make bench PROFILE=full PLAN=1": "make bench PROFILE=full PLAN=1",
    f"make bench {PAIR} POINTS=64,300": f"make bench {PAIR} POINTS=2,4 {SHORT}",
    "make bench SCENARIO=city DELAY=lognormal:0.1:0.5": (
        f"make bench SCENARIO=city LANES=quart POINTS=2 {SHORT.replace('fixed:0.02', 'lognormal:0.02:0.5')}"
    ),
    f"make bench {PAIR} RATES=200,400": f"make bench {PAIR} POINTS=2 RATES=20 {SHORT}",
    "make bench AA=1": f"make bench AA=1 LANES=quart,flask-threads-300 POINTS=2 {SHORT}",
    "make bench LANES=oracle POINTS=100 BLOCKS=3": f"make bench LANES=oracle POINTS=10 {SHORT}",
    "make verify RUN=results/latest": "make verify RUN={tmp}/first",
    "make calibrate": None,  # tests/studies/test_studies_live.py, as all but two of the studies
    **{
        f"make study NAME={name}": None
        for name in ("stall", "arrivals", "in-flight", "recorder", "delays", "error-rates")
    },
    "make study NAME=coverage": "make study NAME=coverage",
    "make study NAME=rejections": None,  # tests/studies/test_simulation.py
    "make bench RESUME=results/latest": None,  # tests/bench/test_bench_live.py
    "make report RUN=results/latest": "make report RUN={tmp}/first",
    "make compare A=results/sample B=results/latest": "make compare A={tmp}/first B={tmp}/first",
    "make compare A=results/sample B=results/latest FORMAT=markdown THRESHOLD='quart@300:p95 ratio <= 1.2'": (
        "make compare A={tmp}/first B={tmp}/first FORMAT=markdown THRESHOLD='quart@2:p50 ratio <= 1.2'"
    ),
    "make timeline": "make timeline OUT={tmp}/timeline UPSTREAM_S=0.1",
    "make timeline RUN=results/latest": "make timeline RUN={tmp}/first",
    "make demo": "make demo SPEED=100",
    "make ui": None,  # tests/ui/test_ui_live.py
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
    assert differences(ROOT / SAMPLE) == []


def test_every_link_to_a_heading_leads_to_one() -> None:
    for file, anchor in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", README.read_text()):
        headings = re.findall(r"^#+ (.*)$", (ROOT / (file or "README.md")).read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_every_command_of_readme_has_a_short_form_here() -> None:
    assert set(commands()) == set(COMMANDS)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder in which one run is there to be reported and compared.

    The commands work is the claim, not that nobody else uses the machine: the bounds of validity are wide.
    """
    folder = tmp_path_factory.mktemp("results")
    (folder / "bench.toml").write_text((ROOT / "bench.toml").read_text().partition("[validity]")[0] + LAX)
    make(f"make bench LANES=quart POINTS=2 {SHORT}", folder)
    (folder / "latest").rename(folder / "first")
    return folder


def make(command: str, results: Path) -> subprocess.CompletedProcess[str]:
    short = command.replace("{tmp}", str(results))
    return subprocess.run(short, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)  # noqa: S602


@pytest.mark.parametrize("command", [command for command, short in COMMANDS.items() if short])
def test_the_commands_of_readme_work(command: str, results: Path) -> None:
    ended = make(COMMANDS[command] or "", results)

    assert ended.returncode == 0, ended.stdout + ended.stderr
