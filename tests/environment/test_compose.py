"""compose.yaml, without Docker: what it names is there, nothing is open to others, and the parts find each other."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
LINES = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines() if line and not line.startswith("#")]
COPIED = {words[1] for words in LINES if words[0] == "COPY"}
FLASK = re.search(r"The other app: (.*)", (ROOT / "compose.yaml").read_text())


def words(service: str) -> list[str]:
    """Return a service's command as it is without variables in the environment."""
    return shlex.split(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", SERVICES[service]["command"]))


def after(service: str, option: str) -> str:
    return words(service)[words(service).index(option) + 1]


def test_there_are_a_server_an_upstream_a_master_and_two_workers_of_one_image() -> None:
    assert set(SERVICES) == {"server", "upstream", "master", "worker-1", "worker-2"}
    assert {service["build"] for service in SERVICES.values()} == {"."}
    assert after("master", "--expect-workers") == "2"


def test_the_image_is_built_from_the_lock_with_its_hashes_and_from_what_is_there() -> None:
    (install,) = [words for words in LINES if words[:1] == ["RUN"] and "install" in words]

    assert "--require-hashes" in install
    assert install[-1] == "requirements.lock"
    assert all((ROOT / path).exists() for path in COPIED)


@pytest.mark.parametrize("command", [*(words(service) for service in SERVICES), shlex.split(FLASK[1] if FLASK else "")])
def test_what_a_command_names_is_in_the_image(command: list[str]) -> None:
    locked = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    modules = [word.partition(":")[0] for word in command if re.fullmatch(r"\w+\.app:app", word)]
    named = [*(Path(*module.split(".")).with_suffix(".py") for module in modules)]
    named += [Path(word) for word in command if re.fullmatch(r"(loadtests|servers)/\S+", word)]
    if command[0] == "python":
        named.append(Path(command[2], "__main__.py"))
    else:
        assert command[0] in locked

    assert named
    for path in named:
        assert (ROOT / path).is_file()
        assert path.parts[0] in COPIED


def test_the_parts_find_each_other() -> None:
    upstream, server = urlsplit(SERVICES["server"]["environment"]["UPSTREAM_URL"]), urlsplit(after("master", "--host"))

    assert (upstream.hostname, str(upstream.port)) == ("upstream", after("upstream", "--port"))
    assert (server.hostname, str(server.port)) == ("server", after("server", "--bind").partition(":")[2])
    assert {after(worker, "--master-host") for worker in ("worker-1", "worker-2")} == {"master"}


def test_no_port_is_open_to_other_machines_and_no_secret_is_written_down() -> None:
    assert not any(service.get("ports") or service.get("network_mode") for service in SERVICES.values())
    assert "token" not in str(SERVICES).lower()


def test_the_locustfile_has_its_user() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "locust", "--locustfile", "loadtests/plain.py", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "PlainUser" in ended.stdout, ended.stderr
