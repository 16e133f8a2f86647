"""What can be wrong with a service of one's own is said before anything is measured."""

from pathlib import Path

import pytest
from bounds import WIDE
from orders import SECRETS, write_orders
from running import in_process

ONE_SERVER = '[lanes.{name}]\nurl = "http://127.0.0.1:{port}"\nready = "/"\n'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    path = write_orders(tmp_path)
    path.write_text(path.read_text() + WIDE)
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('method = "POST"', 'method = "SEND"', "method"),
        ('name = "read"', 'nam = "read"', "there is no key"),
        ('"/orders/{number}"', '"/orders/{numer}"', "{numer}, and"),
        ('data = "names.csv"', 'data = "nobody.csv"', "cannot read the data"),
        ('data = "names.csv"', "", "its scenario has no data"),
        ("${ORDERS_TOKEN}", "${ORDERS_TOKE}", "the environment has no ORDERS_TOKE"),
        ('[["payments"]]', '[["payment"]]', "payment"),
        ('path = "/payments/{id}"', 'paths = "/payments/{id}"', "payments.path"),
        ('name = "order"', 'name = "read"', "2 routes are called 'read'"),
        ('body = { item = "{number}" }', 'body_file = "none.json"', "cannot read"),
        ('{ "/paid" = true }', '{ "paid" = true }', "no JSON pointer"),
        ('cwd = "."', 'cwd = "nowhere"', "there is no folder"),
        ('delay = "fixed:0.02"', 'delay = "fixed:0.02"\nurl = "http://10.1.2.3"', "another machine"),
    ],
)
def test_a_wrong_bench_toml_is_an_error_that_names_it(config: Path, old: str, new: str, said: str) -> None:
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new, 1))

    ended = in_process("bench", "--config", config, "--results", config.parent / "results")

    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert said in ended.stderr
    assert "hint:" in ended.stderr
    assert not (config.parent / "results").exists()


@pytest.mark.parametrize(
    ("data", "said"), [("", "has no rows"), ("name,number\n", "has no rows"), ("name,number\nada\n", "line 2")]
)
def test_data_that_cannot_be_used_are_an_error(config: Path, data: str, said: str) -> None:
    (config.parent / "names.csv").write_text(data)

    ended = in_process("bench", "--config", config, "--results", config.parent / "results")

    assert ended.returncode == 2
    assert said in ended.stderr


def test_a_server_that_does_not_run_is_said_before_anything_is_measured(config: Path) -> None:
    config.write_text(config.read_text() + ONE_SERVER.format(name="gone", port=9))

    ended = in_process("bench", "--config", config, "--lanes", "gone", "--results", config.parent / "results")

    assert ended.returncode == 2
    assert "no answer at http://127.0.0.1:9/" in ended.stderr
    assert "start that server first" in ended.stderr


def test_two_lanes_on_one_server_are_an_error(config: Path) -> None:
    lanes = "".join(ONE_SERVER.format(name=name, port=9) for name in ("one", "other"))
    config.write_text(config.read_text() + lanes)

    ended = in_process("bench", "--config", config, "--results", config.parent / "results")

    assert ended.returncode == 2
    assert "2 lanes are the same server" in ended.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import locust\n", "has no user classes"),
        ("from locust import HttpUser\n\nboom = 1 / 0\n", "line 3: ZeroDivisionError"),
        ("def broken(:\n", "line 1"),
    ],
)
def test_a_locustfile_that_cannot_be_used_is_an_error_with_its_place(config: Path, text: str, said: str) -> None:
    mine = config.parent / "mine.py"
    mine.write_text(text)

    ended = in_process("bench", "--config", config, "--locustfile", mine, "--results", config.parent / "results")

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
