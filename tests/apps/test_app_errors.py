"""Whatever the upstream does wrong, both apps say the same, once, in problem JSON."""

import json
import socket
from pathlib import Path

import pytest
from listening import drop_what_arrives
from live_servers import ROOT, Answer, Server, Twins, gunicorn, hypercorn, serving
from scripted_upstream import Reply, ScriptedUpstream

WEATHER = "/api/weather/97201/us"
RAIN = b'{"description":"rain","temperature_c":1,"wind_kph":2,"humidity_percent":3}'
OK = b"HTTP/1.1 200 OK\r\n"


def ok(body: bytes, line: bytes = OK) -> Reply:
    return Reply(line + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def unknown(body: bytes) -> Reply:
    return ok(body, b"HTTP/1.1 404 Not Found\r\n")


def status(line: bytes, headers: bytes = b"") -> Reply:
    return Reply(b"HTTP/1.1 " + line + b"\r\nContent-Length: 0\r\n" + headers + b"\r\n")


REPLIES = {
    "weather": (ok(RAIN), 200),
    "weather until the connection closes": (Reply(OK + b"\r\n" + RAIN, keep=False), 200),
    "weather in UTF-16": (ok(RAIN.decode().encode("utf-16")), 502),
    "an unknown place": (unknown(b'{"error": "unknown place"}'), 404),
    "an unknown path": (unknown(b"<!doctype html>"), 502),
    "an error": (status(b"500 Oops"), 502),
    "a refusal": (status(b"418 I'm a teapot"), 502),
    "a redirect": (status(b"302 Found", b"Location: /health\r\n"), 502),
    "no content": (Reply(b"HTTP/1.1 204 No Content\r\n\r\n"), 502),
    "a web page": (ok(b"<!doctype html>"), 502),
    "no body": (ok(b""), 502),
    "a list": (ok(b"[]"), 502),
    "too few keys": (ok(b'{"description":"rain"}'), 502),
    "not a number": (ok(RAIN.replace(b"1", b"NaN")), 502),
    "half a character": (ok(RAIN.replace(b"rain", b"\\ud83d")), 502),
    "bytes that are no UTF-8": (ok(RAIN.replace(b"rain", b"\xff")), 502),
    "half a body": (Reply(OK + b"Content-Length: 100\r\n\r\n{", keep=False), 502),
    "half a chunk": (Reply(OK + b"Transfer-Encoding: chunked\r\n\r\n64\r\n{", keep=False), 502),
    "broken chunks": (Reply(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{", keep=False), 502),
    "broken gzip": (Reply(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), 502),
    "no HTTP": (Reply(b"SSH-2.0-OpenSSH_9.2\r\n", keep=False), 502),
    "a status that is no number": (Reply(b"HTTP/1.1 two hundred\r\n\r\n", keep=False), 502),
    "a closed connection": (Reply(b"", keep=False), 502),
    "half a head": (Reply(OK, keep=False), 502),
    "half a head of an unknown place": (Reply(b"HTTP/1.1 404 Not Found\r\n", keep=False), 502),
    "silence": (Reply(b""), 504),
    "silence in the head": (Reply(OK), 504),
    "silence in the body": (Reply(OK + b"Content-Length: 100\r\n\r\n{"), 504),
}


@pytest.mark.parametrize(("reply", "expected"), REPLIES.values(), ids=REPLIES)
def test_each_kind_of_reply_gives_the_same_answer_after_one_call(
    scripted_twins: Twins, scripted_urllib3: Server, upstream: ScriptedUpstream, reply: Reply, expected: int
) -> None:
    upstream.play(lambda _head, _number: reply)

    flask = scripted_twins.flask.ask(WEATHER)
    assert len(upstream.heads) == 1
    quart = scripted_twins.quart.ask(WEATHER)
    assert len(upstream.heads) == 2
    urllib3 = scripted_urllib3.ask(WEATHER)
    assert len(upstream.heads) == 3

    assert flask == quart == urllib3
    assert flask.status == expected
    assert expected == 200 or is_problem(flask)


def is_problem(answer: Answer) -> bool:
    """Say whether it's RFC 9457 problem JSON about the answer's own status."""
    problem = json.loads(answer.body)
    return (
        answer.content_type == "application/problem+json"
        and problem.keys() == {"type", "title", "status", "detail"}
        and problem["status"] == answer.status
    )


def test_a_call_on_a_kept_connection_that_drops_is_never_sent_again(
    scripted_app: Server, upstream: ScriptedUpstream
) -> None:
    upstream.play(lambda _head, number: ok(RAIN) if number == 1 else Reply(b"", keep=False))

    # More than either app keeps connections, so that some of them are used a second time.
    statuses = [scripted_app.ask(WEATHER).status for _ in range(12)]

    assert set(statuses) == {200, 502}
    assert len(upstream.heads) == len(statuses)


SILENCE, ERROR = Reply(b""), status(b"500 Oops")


@pytest.mark.parametrize(("sun", "weather", "expected"), [(SILENCE, ERROR, 504), (ERROR, SILENCE, 502)])
def test_a_city_waits_for_both_its_calls_and_then_the_suns_error_counts(
    scripted_app: Server, upstream: ScriptedUpstream, sun: Reply, weather: Reply, expected: int
) -> None:
    location = b'{"city":"A","state":"B","latitude":1,"longitude":2,"time_zone":"UTC"}'
    script = {"/location": ok(location), "/sun": sun, "/weather": weather}
    upstream.play(lambda head, _number: next(reply for path, reply in script.items() if f"GET {path}" in head))

    answer = scripted_app.ask("/api/city/97201/us")

    assert answer.status == expected
    assert answer.spans().keys() == {"location", "sun", "weather", "handler"}
    assert len(upstream.heads) == 3


def test_an_upstream_that_takes_no_connection_gives_the_same_answer(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, so that nobody else takes it, but nobody listens
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with serving(gunicorn(UPSTREAM_URL=url), hypercorn(UPSTREAM_URL=url), logs=tmp_path) as [flask, quart]:
            refused = flask.ask(WEATHER)
            assert refused == quart.ask(WEATHER)

            drop_what_arrives(held)
            held.listen()
            silent = flask.ask(WEATHER)
            assert silent == quart.ask(WEATHER)

    assert (refused.status, silent.status) == (502, 504)
    assert is_problem(refused)
    assert is_problem(silent)


def test_an_unexpected_exception_is_the_same_problem_and_a_traceback_in_the_log(tmp_path: Path) -> None:
    here = str(ROOT / "tests" / "support")
    commands = (
        gunicorn(app="broken_apps:flask_app", PYTHONPATH=here),
        hypercorn(app="broken_apps:quart_app", PYTHONPATH=here),
    )

    with serving(*commands, logs=tmp_path) as [flask, quart]:
        answer = flask.ask("/broken")
        assert answer == quart.ask("/broken")
    assert answer.status == 500
    assert answer.headers["x-app"] == "flask"
    assert is_problem(answer)
    assert b"secret" not in answer.body
    assert "ZeroDivisionError: secret" in flask.log.read_text()
    assert "ZeroDivisionError: secret" in quart.log.read_text()
