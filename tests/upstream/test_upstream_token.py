"""Who may control a stub that others can reach: who says the token."""

import pytest

from tests.upstream.stub_process import running_stub

CONTROL = [("GET", "/control/stats"), ("POST", "/control/reset"), ("PUT", "/control/faults")]
HEADER = "X-Upstream-Token"


def test_with_a_token_control_is_for_who_says_it_and_calls_are_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_TOKEN", "told")
    with running_stub("--delay", "fixed:0") as stub:
        strangers = [stub.ask(*asked, headers={HEADER: word}).status_code for asked in CONTROL for word in ("", "tolD")]
        known = stub.ask("GET", "/control/stats", headers={HEADER: "told"})
        call, health = stub.call(), stub.ask("GET", "/health")

    assert strangers == [403] * 6
    assert known.json()["unknown"] == {}
    assert (call.status_code, health.status_code) == (200, 200)


def test_a_stub_that_others_can_reach_is_controlled_by_nobody_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPSTREAM_TOKEN", raising=False)
    with running_stub("--host", "127.0.0.2", "--delay", "fixed:0") as stub:
        refused, call = stub.ask("GET", "/control/stats"), stub.call()

    assert (refused.status_code, call.status_code) == (403, 200)
