"""The command line, run as a user runs it: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "bench" / "small.toml"
# Plain and wide output, whatever terminal the tests run in.
PLAIN = {"NO_COLOR": "1", "COLUMNS": "120"}


def command(*words: str | Path) -> list[str]:
    """Return the words that start the harness."""
    return [sys.executable, "-m", "harness", *map(str, words)]


def harness(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the harness to its end."""
    environment = {**os.environ, **PLAIN}
    return subprocess.run(
        command(*words), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, env=environment
    )


def small_config(folder: Path, lanes: str = "", names: tuple[str, ...] = ("threads", "quart")) -> Path:
    """Write a bench.toml for a short run of these lanes; `lanes` adds others as TOML."""
    path = folder / "bench.toml"
    path.write_text(SMALL.read_text().replace('["threads", "quart"]', str(list(names))) + lanes)
    return path
