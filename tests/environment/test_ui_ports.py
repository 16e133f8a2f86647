"""`ui` says what is wrong with a port before it starts anything."""

import socket

import pytest
from running import in_process


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flask-port", "8123", "--quart-port", "8123"), "FLASK_PORT and QUART_PORT are both 8123"),
        (("--web-port", "8000"), "STUB_PORT and WEB_PORT are both 8000"),
        (("--stub-port", "0"), "STUB_PORT=0 is no port"),
        (("--quart-port", "-1"), "QUART_PORT=-1 is no port"),
        (("--web-port", "65536"), "WEB_PORT=65536 is no port"),
    ],
)
def test_equal_and_impossible_ports_are_refused_at_once(words: tuple[str, ...], said: str) -> None:
    ended = in_process("ui", *words)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "make ui" in ended.stderr
    assert ended.stdout == ""


def test_the_port_that_a_hint_proposes_is_possible() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = in_process("ui", "--stub-port", str(port))

    assert ended.returncode == 2
    assert 1 <= int(ended.stderr.strip().rpartition("=")[2]) <= 65535
