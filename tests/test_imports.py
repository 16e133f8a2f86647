"""Who may import whom: the parts meet at URLs, commands and files; inside the harness all arrows point to the pure."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("flask_app", "quart_app", "upstream", "loadtests", "producer_consumer", "harness")
PURE = ("errors.py", "facts", "document", "model", "plan", "judge", "capacity")
# What touches a file, a socket, a process, a clock or luck that is not seeded.
EDGE_MODULES = {
    "os",
    "subprocess",
    "socket",
    "time",
    "datetime",
    "pathlib",
    "requests",
    "psutil",
    "tempfile",
    "threading",
}
EDGE_CALLS = {"open", "print", "input"}
# A room imports itself and the floors below its own; rooms on one floor do not know each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("__init__.py", "errors.py"),
    ("facts", "document"),
    ("model",),
    ("plan",),
    ("judge",),
    ("capacity",),
    ("store",),
    ("measure", "report", "advise"),
    ("studies", "compare", "hand"),
    ("bench", "timeline", "ui.py"),
    ("pair",),
    ("signals.py", "streams.py"),
    ("cli.py",),
    ("__main__.py",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def files(*parts: str) -> list[Path]:
    return sorted(path for part in parts for path in (ROOT / part).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the dotted names of all modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def room(name: str) -> str:
    """Return the file or folder of the harness that a dotted module name lies in."""
    place = name.split(".")[1] if "." in name else "__init__"
    return place if (ROOT / "harness" / place).is_dir() else f"{place}.py"


@pytest.mark.parametrize("path", files(*PARTS), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_parts_do_not_import_each_other(path: Path) -> None:
    part = path.relative_to(ROOT).parts[0]

    strangers = {name for name in imported(path) if name.split(".")[0] in set(PARTS) - {part}}

    assert strangers == set()


@pytest.mark.parametrize("path", files("harness"), ids=lambda path: str(path.relative_to(ROOT)))
def test_inside_the_harness_a_room_imports_only_the_floors_below_it(path: Path) -> None:
    here = path.relative_to(ROOT / "harness").parts[0]
    imports = {room(name) for name in imported(path) if name.split(".")[0] == "harness"} - {here}

    assert {other for other in imports if FLOOR[other] >= FLOOR[here]} == set()


def test_every_room_of_the_harness_has_a_floor() -> None:
    rooms = {path.relative_to(ROOT / "harness").parts[0] for path in files("harness")}

    assert rooms == set(FLOOR)


@pytest.mark.parametrize(
    "path",
    [path for path in files("harness") if path.relative_to(ROOT / "harness").parts[0] in PURE],
    ids=lambda path: path.stem,
)
def test_a_pure_module_opens_nothing_and_reads_no_clock(path: Path) -> None:
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert {name.split(".")[0] for name in imported(path)} & EDGE_MODULES == set()
    assert calls & EDGE_CALLS == set()


def test_locust_is_imported_only_by_what_runs_inside_it() -> None:
    importers = {path for path in files(*PARTS) if any(name.split(".")[0] == "locust" for name in imported(path))}

    assert {path.relative_to(ROOT).parts[0] for path in importers} == {"loadtests"}
