"""A hint can be followed as it stands: what it names is there, in the verb that gives it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from running import ROOT

from harness.cli import app

VERBS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
MEASURING = ("bench", "calibrate", "study", "timeline", "ui")
# The verbs that can come to a room; each option that it names must be there in all of them.
ROOMS = {
    "bench": ("bench",),
    "plan": ("bench",),
    "measure": MEASURING,
    "timeline": ("timeline",),
    "compare": ("compare",),
    "ui.py": ("ui",),
    "bench/options.py": ("bench",),
}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
VARIABLE = re.compile(r"(?<![\w}])([A-Z][A-Z_]+)=")
TARGET = re.compile(r"`make ([a-z]+)|\bmake ([a-z]+) [A-Z]")
OF_THE_SYSTEM = {"TMPDIR"}
MAKEFILE = (ROOT / "Makefile").read_text()


class Hint(NamedTuple):
    """Where a hint stands, and its text; what is filled in later is {}."""

    room: str
    line: int
    text: str


def hints(path: Path) -> Iterator[Hint]:
    """Yield the texts that a file gives as `hint=`, and those of the names that it gives there."""
    tree = ast.parse(path.read_text())
    given = [
        word.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "hint"
    ]
    names = {node.id for node in given if isinstance(node, ast.Name)} | {"hint"}
    given += [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names
    ]
    for node in given:
        if text := _text(node):
            yield Hint(str(path.relative_to(ROOT / "harness")), node.lineno, text)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return " ".join(str(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant))


@pytest.fixture(scope="module")
def found() -> list[Hint]:
    """Return the hints of every file; read once it is needed, since each worker of the suite reads this module."""
    return [hint for path in sorted((ROOT / "harness").rglob("*.py")) for hint in hints(path)]


def options(verb: str) -> set[str]:
    return {word for parameter in VERBS[verb].params for word in parameter.opts}


def missing(hint: Hint) -> set[str]:
    """Return the options, variables and targets that a hint names and that are not there."""
    verbs = ROOMS.get(hint.room.split("/")[0], tuple(VERBS))
    targets = {word for pair in TARGET.findall(hint.text) for word in pair if word}
    return {
        *(f"{verb} {word}" for word in OPTION.findall(hint.text) for verb in verbs if word not in options(verb)),
        *(name for name in {*VARIABLE.findall(hint.text)} - OF_THE_SYSTEM if not re.search(rf"\b{name}[,)]", MAKEFILE)),
        *(name for name in targets if f"\n{name}: " not in MAKEFILE),
    }


def test_the_hints_were_found(found: list[Hint]) -> None:
    assert len(found) > 40
    assert any("--processes" in hint.text for hint in found)
    assert any("_PORT=" in hint.text for hint in found)


def test_a_hint_names_what_is_there(found: list[Hint]) -> None:
    assert {(hint.room, hint.line): wrong for hint in found if (wrong := missing(hint))} == {}
