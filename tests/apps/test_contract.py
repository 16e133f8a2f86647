"""contract/openapi.yaml describes both live apps, and schemathesis finds no request that says otherwise."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from live_servers import ROOT, Server

CONTRACT = ROOT / "contract" / "openapi.yaml"
METHODS = {"get", "head", "post", "put", "patch", "delete", "options"}
# By its command: the plugin costs every worker of the suite a second of start, and a worker needs it for this alone.
SCHEMATHESIS = (
    *(sys.executable, "-m", "schemathesis.cli", "run", str(CONTRACT), "--no-color"),
    *("--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--generation-deterministic"),
)


@pytest.fixture(scope="module")
def paths() -> dict[str, dict[str, Any]]:
    """The paths of the contract; its library takes half a second, and is for the worker that needs it."""
    import schemathesis

    found: dict[str, dict[str, Any]] = schemathesis.openapi.from_path(CONTRACT).raw_schema["paths"]
    return found


def test_every_operation_of_the_contract_is_kept(app: Server, paths: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    operations = sum(len(METHODS & path.keys()) for path in paths.values())

    ended = subprocess.run(
        [*SCHEMATHESIS, "--url", app.url], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"Tested: {operations}" in ended.stdout


def test_the_contract_names_the_routes_that_exist(app: Server, paths: dict[str, dict[str, Any]]) -> None:
    routes = json.loads(app.ask("/").body)["routes"]

    assert sorted(paths) == [route.replace("<", "{").replace(">", "}") for route in routes]
