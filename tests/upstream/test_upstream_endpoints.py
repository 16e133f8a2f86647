"""Endpoints that a user declares."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from live_servers import UPSTREAM, serving

from upstream.delays import Fixed
from upstream.endpoints import Declared, Service, read_endpoints

PAY = {"path": "/payments/{id}", "body": {"paid": True}, "delay": "fixed:0.03"}
MAKE = {"path": "/payments", "method": "POST", "status": 201, "body": "done", "size": 10}


def service(**endpoints: Mapping[str, object]) -> Service:
    return Service({name: Declared.model_validate(table) for name, table in endpoints.items()})


@pytest.mark.parametrize(
    ("method", "target", "name"),
    [
        ("GET", "/payments/42", "pay"),
        ("GET", "/payments/42?full=1", "pay"),
        ("POST", "/payments", "make"),
        ("GET", "/sun?latitude=1&longitude=2", "sun"),
        ("GET", "/payments", None),
        ("GET", "/payments/42/items", None),
        ("GET", "/payments/", None),
        ("POST", "/payments/42", None),
        ("POST", "/sun", None),
    ],
)
def test_a_call_is_answered_by_the_endpoint_that_fits(method: str, target: str, name: str | None) -> None:
    found = service(pay=PAY, make=MAKE).answer(method, target)

    assert (found and found.endpoint) == name


def test_an_answer_has_the_declared_status_body_and_size() -> None:
    served = service(pay=PAY, make=MAKE)

    made, paid = served.answer("POST", "/payments"), served.answer("GET", "/payments/1")

    assert made is not None
    assert made[1:] == (201, b"donexxxxxx", "text/plain; charset=utf-8")
    assert paid is not None
    assert json.loads(paid.body) == {"paid": True}
    assert served.models == {"pay": Fixed(0.03)}


def test_a_body_can_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "big.json").write_text('{"a": 1}')

    found = service(big={"path": "/big", "body_file": str(tmp_path / "big.json"), "size": 5000}).answer("GET", "/big")

    assert found is not None
    assert len(found.body) == 5000
    assert json.loads(found.body) == {"a": 1}
    assert found.content_type == "application/json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ('{"pay": {}}', "pay.path"),
        ('{"pay": {"path": "pay"}}', "pay.path"),
        ('{"pay": {"path": "/", "delay": "fixed:x"}}', "pay.delay"),
        ('{"pay": {"path": "/", "sise": 5}}', "pay.sise"),
    ],
)
def test_endpoints_that_cannot_be_used_are_refused_with_their_key(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(text)

    with pytest.raises(ValueError, match=said):
        read_endpoints(file)


def test_a_live_stub_serves_them_counts_them_and_names_them_to_who_asks_for_others(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text(json.dumps({"pay": PAY, "make": MAKE}))

    with serving((*UPSTREAM, f"--endpoints={tmp_path / 'endpoints.json'}"), logs=tmp_path) as [stub]:
        assert stub.ask("/payments/7").headers["x-delay-ms"] == "30.000"
        assert stub.ask("/payments", "POST", body=b"x" * 100).status == 201
        unknown = stub.ask("/refunds/7")
        wrong = stub.ask("/payments/7", "DELETE")
        stats = json.loads(stub.ask("/control/stats").body)

    assert unknown.status == 404
    assert "GET /payments/{id}" in json.loads(unknown.body)["declared"]
    assert (wrong.status, wrong.allow) == (405, "GET")
    assert stats["calls"] == {"location": 0, "sun": 0, "weather": 0, "pay": 1, "make": 1}
    assert stats["unknown"] == {"GET /refunds/7": 1, "DELETE /payments/7": 1}
