"""A service of one's own from beginning to end: login, cookies, tokens, data, POST, an upstream of its own."""

import json
from pathlib import Path

import pytest
from bounds import WIDE
from orders import SECRETS, write_orders
from running import in_process, only_run, outcome

from harness.store.run_folder import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("orders")
    config = write_orders(folder)
    config.write_text(config.read_text() + WIDE)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        ended = in_process("bench", "--config", config, "--results", folder / "results", charts=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return only_run(folder / "results")


def test_every_request_of_both_lanes_is_answered_as_it_should_be(run: Path) -> None:
    for trial in outcome(run):
        assert trial["status"] == "valid", trial["reasons"]
        assert int(trial["started"]) == int(trial["ok"]) > 0


def test_get_and_post_of_one_service_are_two_routes(run: Path) -> None:
    counts = RunFolder(run).read_counts()

    for one in counts.values():
        assert [route.route for route in one.routes] == ["order", "read"]
        assert sum(route.ok for route in one.routes) == one.window.ok
    assert "By request" in (run / "report.md").read_text()


def test_calls_are_matched_by_id_where_the_app_forwards_it_and_in_total_where_it_does_not(run: Path) -> None:
    unchecked = {trial["lane"]: trial["not_checked"] for trial in outcome(run)}

    assert "which request made which call" not in unchecked["threads"]
    assert "which request made which call" in unchecked["async"]
    for trial in outcome(run):
        assert int(trial["upstream_calls"]) == pytest.approx(int(trial["ok"]) / 2, abs=3)


def test_no_secret_is_in_any_file_of_the_run(run: Path) -> None:
    for file in run.rglob("*"):
        if file.is_file():
            for value in SECRETS.values():
                assert value.encode() not in file.read_bytes(), file
    assert "${ORDERS_TOKEN}" in (run / "run.json").read_text()


def test_a_secret_is_masked_where_a_server_repeats_it_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    echoed = '20"0'  # of digits, which stand in every figure, and a sign that JSON writes in another way
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ECHOED", echoed)
    config = write_orders(tmp_path)
    app = tmp_path / "orders_flask.py"
    app.write_text(
        app.read_text().replace('return "who are you?", 401', 'return "no: " + request.headers["X-Echo"], 401')
    )
    headers = 'headers = { X-Echo = "${ECHOED}", Authorization = "wrong" }'
    config.write_text(
        config.read_text().replace('headers = { Authorization = "Bearer ${ORDERS_TOKEN}" }', headers) + WIDE
    )

    in_process("bench", "--config", config, "--lanes", "threads", "--results", tmp_path / "results", charts=True)

    run = only_run(tmp_path / "results")
    kept = [one.bodies for one in (counts.sent for counts in RunFolder(run).read_counts().values())]
    assert kept == [{"status 401": "no: ***"}]


def test_all_of_it_follows_from_the_stored_rows(run: Path) -> None:
    ended = in_process("verify", run)

    assert ended.returncode == 0, ended.stdout


def test_the_report_can_be_written_without_the_secrets(run: Path) -> None:
    assert in_process("report", run).returncode == 0
    assert json.loads((run / "run.json").read_text())["status"] == "complete"
