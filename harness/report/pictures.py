"""From charts' descriptions to pictures and the script that draws them in a page: offline, in one child process."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import altair as alt

from harness.errors import UsageError
from harness.report.charts.specs import Spec
from harness.store.files import write_atomically

DRAW = Path(__file__).with_name("draw.py")
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])  # the version that Altair describes
MORE_MEMORY = "if memory is limited, `ulimit -v unlimited` first"
TELLING = ("memory", "Fatal", "Error")


class NotDrawnError(UsageError):
    """The charts could not be drawn; everything else of a report can be written without them."""


@dataclass(frozen=True)
class Pictures:
    """What was drawn, by name: SVGs for files, the same as PNGs, SVGs that stand in within a page, and its script."""

    svgs: Mapping[str, str]
    pngs: Mapping[str, bytes]
    stand_ins: Mapping[str, str]
    script: str


# The same for every page, and seconds to make: kept beside the packages that it is made of.
SCRIPT = Path(sys.prefix) / f"vega-embed-{VEGA_LITE}-{version('vl-convert-python')}.js"
NO_PICTURES = Pictures({}, {}, {}, "")


def draw(
    files: Mapping[str, Spec], *, png: bool = False, stand_ins: Mapping[str, Spec] | None = None, script: bool = False
) -> Pictures:
    """Return the charts drawn, in one process for all of them; NotDrawnError where it fails."""
    if not files and not stand_ins:
        return NO_PICTURES
    known = _known_script() if script else ""
    order = {
        "files": files,
        "png": png,
        "stand_ins": stand_ins or {},
        "script": VEGA_LITE if script and not known else "",
    }
    try:
        # -P: the folder of the script holds modules that are called like some of Python's own
        ended = subprocess.run(
            [sys.executable, "-P", DRAW], input=json.dumps(order).encode(), capture_output=True, check=False
        )
    except OSError as error:
        raise _not_drawn(os.strerror(error.errno or 0)) from None
    if ended.returncode:
        raise _not_drawn(_cause(ended.returncode, ended.stderr.decode(errors="replace")))
    made = json.loads(ended.stdout)
    pngs = {name: base64.b64decode(data) for name, data in made["pngs"].items()}
    if script and not known:
        _keep_script(made["script"])
    return Pictures(made["svgs"], pngs, made["stand_ins"], known or made["script"])


def _known_script() -> str:
    try:
        return SCRIPT.read_text(encoding="utf-8")
    except OSError:
        return ""


def _keep_script(script: str) -> None:
    """Keep the script for the next run, where the environment may be written to."""
    with contextlib.suppress(UsageError):
        write_atomically(SCRIPT, script)


def _not_drawn(cause: str) -> NotDrawnError:
    return NotDrawnError(f"no charts could be drawn: {cause}", hint=MORE_MEMORY)


def _cause(code: int, said: str) -> str:
    """Return in one line why the process ended: its last telling line, or its signal."""
    lines = [line.strip(" #") for line in said.splitlines() if any(word in line for word in TELLING)]
    by = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"the chart converter {by}" + (f": {lines[-1]}" if lines else "")
