"""The twins stay twins: one app.py seen twice, the same services by name, everything else the same file."""

import inspect
from pathlib import Path

import pytest

import flask_app.services
import quart_app.app
import quart_app.services
from contract.mirror import TABLE, migration_table, quart_from

FLASK_APP = Path(inspect.getsourcefile(flask_app) or "").parent
QUART_APP = Path(inspect.getsourcefile(quart_app) or "").parent


def test_the_table_turns_the_flask_app_into_the_quart_app() -> None:
    assert quart_from((FLASK_APP / "app.py").read_text()) == (QUART_APP / "app.py").read_text()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.flask.strip())
def test_a_row_that_is_not_used_is_refused(row: tuple[str, str, str]) -> None:
    unused = (FLASK_APP / "app.py").read_text().replace(row[0], "")

    with pytest.raises(ValueError, match="is not used"):
        quart_from(unused)


def test_what_does_no_input_or_output_is_the_same_file() -> None:
    for name in ("errors.py", "shapes.py", "timing.py"):
        assert (FLASK_APP / name).read_bytes() == (QUART_APP / name).read_bytes()


def test_both_packages_hold_the_same_files_but_for_the_choice_of_a_blocking_client() -> None:
    flask, quart = ({path.name for path in package.glob("*.py")} for package in (FLASK_APP, QUART_APP))

    assert flask - quart == {"clients.py"}
    assert quart - flask == set()


def test_the_services_have_the_same_names_and_parameters() -> None:
    assert _calls(flask_app.services) == _calls(quart_app.services)


def test_every_handler_and_hook_of_quart_is_a_coroutine_function() -> None:
    app = quart_app.app.app
    hooks = [*app.before_request_funcs[None], *app.after_request_funcs[None]]

    assert all(inspect.iscoroutinefunction(function) for function in [*app.view_functions.values(), *hooks])


def test_the_migration_table_has_a_line_for_each_row() -> None:
    lines = migration_table().splitlines()

    assert lines[0] == "| Flask | Quart | why |"
    assert len(lines) == 2 + len(TABLE)
    assert all(row.why in line for row, line in zip(TABLE, lines[2:], strict=True))


def _calls(services: object) -> dict[str, list[str]]:
    """Return the functions that a handler calls, with their parameters; opening the session is Quart's alone."""
    functions = inspect.getmembers(services, inspect.isfunction)
    module = inspect.getmodule(services)
    return {
        name: list(inspect.signature(function).parameters)
        for name, function in functions
        if function.__module__ == getattr(module, "__name__", "") and name[0] != "_" and name != "upstream_session"
    }
