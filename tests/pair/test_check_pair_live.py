"""`check-pair` and `init` with real servers: the two apps agree, and apps that do not are told apart."""

from pathlib import Path

import pytest
from orders import SECRETS, write_orders
from running import ROOT, in_process


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    path = write_orders(tmp_path)
    _, _, bounds = (ROOT / "bench.toml").read_text().partition("# Bounds of validity")
    path.write_text(path.read_text() + "#" + bounds)
    return path


def test_two_lanes_that_answer_alike_pass(orders: Path) -> None:
    ended = in_process("check-pair", "--config", orders)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "alike" in ended.stdout
    assert "Every answer is right" in ended.stdout


def test_a_difference_is_shown_with_both_values(orders: Path) -> None:
    app = orders.parent / "orders_quart.py"
    app.write_text(app.read_text().replace("paid=(await paid.json())", "paid=not (await paid.json())"))

    ended = in_process("check-pair", "--config", orders)

    shown = " ".join(ended.stdout.split())
    assert ended.returncode == 1
    assert "/paid is not True" in shown
    assert "Some answers are wrong" in shown


def test_an_endpoint_that_nobody_declared_is_a_wrong_answer(orders: Path) -> None:
    orders.write_text(orders.read_text().replace('path = "/payments/{id}"', 'path = "/payment/{id}"'))

    ended = in_process("check-pair", "--config", orders)

    assert ended.returncode == 1
    assert "status 500" in " ".join(ended.stdout.split())


def test_the_contract_is_followed_by_both_apps() -> None:
    words = ("--lanes", "flask-threads-64,quart", "--openapi", ROOT / "contract" / "openapi.yaml", "--examples", "4")

    ended = in_process("check-pair", *words)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "GET /api/sun/{zip_code}/{country}" in ended.stdout


def test_two_commands_are_enough() -> None:
    command = "{} --bind 127.0.0.1:{{port}} --config servers/{}"
    flask = command.format("gunicorn flask_app.app:app --threads 8", "gunicorn.conf.py")
    quart = command.format("hypercorn quart_app.app:app", "hypercorn.toml")

    ended = in_process("check-pair", "--flask", flask, "--quart", quart, "--paths", "/api/sun/97201/us,/")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "/api/sun/97201/us" in ended.stdout


def test_commands_run_in_the_folder_that_is_named(orders: Path) -> None:
    bind = "--bind 127.0.0.1:{port}"
    words = ("--flask", f"gunicorn orders_flask:app {bind}", "--quart", f"hypercorn orders_quart:app {bind}")

    ended = in_process("check-pair", *words, "--paths", "/health", "--cwd", orders.parent)

    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flask", "gunicorn app:app", "--paths", "/"), "does not say where it is to listen"),
        (("--flask", "gunicorn app:app --bind :{port}"), "nothing is asked"),
        (("--flask", "http://example.com", "--paths", "/"), "another machine"),
    ],
)
def test_a_service_that_cannot_be_used_is_an_error(words: tuple[str, ...], said: str) -> None:
    ended = in_process("check-pair", *words)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "hint:" in ended.stderr


def test_a_first_bench_toml_is_written_once_and_can_be_planned(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"

    assert in_process("init", path).returncode == 0
    again = in_process("init", path)

    assert again.returncode == 2
    assert "is not overwritten" in again.stderr
    plan = in_process("bench", "--config", path, "--plan")
    assert plan.returncode == 0, plan.stderr
    assert "async" in plan.stdout
