"""Predictions before a measurement: written with a hash, refused if changed or late, scored afterwards."""

import json
from pathlib import Path

import pytest
from running import ROOT, in_process

from harness.facts.prediction import Predictions

SAMPLE = ROOT / "results" / "sample"


@pytest.fixture(scope="module")
def foretold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return predictions of three points, as `make predict` writes them from the sample."""
    file = tmp_path_factory.mktemp("foretold") / "predictions.json"
    ended = in_process("predict", SAMPLE, "--lanes", "quart", "--points", "4,16", "--file", file)
    assert ended.returncode == 0, ended.stderr
    assert f"sha256 {json.loads(file.read_text())['sha256']}" in ended.stdout
    return file


def dated(file: Path, to: Path, written_utc: str) -> Path:
    """Return a copy of predictions that were written at another time, with a hash of its own."""
    from harness.store.predictions import write_predictions

    predictions = Predictions.model_validate(json.loads(file.read_text())["predictions"])
    write_predictions(to, predictions.model_copy(update={"written_utc": written_utc}))
    return to


def test_predictions_from_before_the_run_are_scored(foretold: Path, tmp_path: Path) -> None:
    ended = in_process("score", SAMPLE, "--file", dated(foretold, tmp_path / "early.json", "2026-01-01T00:00:00Z"))

    assert "2 of 2 throughput within 5 %" in " ".join(ended.stdout.split())
    assert "sha256 of the predictions" in ended.stdout
    assert ended.returncode in (0, 1)


def test_predictions_from_after_the_run_began_are_refused(foretold: Path) -> None:
    ended = in_process("score", SAMPLE, "--file", foretold)

    assert ended.returncode == 2
    assert "make predict comes first" in ended.stderr


def test_predictions_that_were_changed_are_refused(foretold: Path, tmp_path: Path) -> None:
    changed = json.loads(foretold.read_text())
    changed["predictions"]["points"][0]["throughput_rps"]["value"] += 1
    (tmp_path / "changed.json").write_text(json.dumps(changed))

    ended = in_process("score", SAMPLE, "--file", tmp_path / "changed.json")

    assert ended.returncode == 2
    assert "was changed after it was written" in ended.stderr


@pytest.mark.parametrize("text", [None, "{", "[]", '{"sha256": "", "predictions": {}}'])
def test_what_holds_no_predictions_is_said(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "file.json").write_text(text)

    ended = in_process("score", SAMPLE, "--file", tmp_path / "file.json")

    assert ended.returncode == 2
    assert "predictions" in ended.stderr
    assert "make predict" in ended.stderr
