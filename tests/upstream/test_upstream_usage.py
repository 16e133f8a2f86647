import resource
import socket
import subprocess
import sys

import pytest


def run(module: str, *arguments: str, open_files: int | None = None) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if open_files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))

    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        preexec_fn=limit,
        check=False,
    )


def run_with_few_open_files(code: str) -> str:
    """Run code where 100 files may be open, or 400 for who asks; return the limits that it leaves."""
    limits = "resource.RLIMIT_NOFILE, (100, 400)"
    program = (
        f"import resource; resource.setrlimit({limits}); {code}; print(resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("arguments", "problem", "hint"),
    [
        (["--delay", "fast"], "'fast' is none of fixed:SECONDS", "--delay fixed:0.1"),
        (["--port", "x"], "argument --port: invalid number value: 'x'", "python -m upstream --help"),
        (["--port", "99999"], "argument --port: must be from 0 to 65535, not 99999", "--help"),
        (["--host", "203.0.113.1"], "cannot listen on 203.0.113.1:0", "--port 0"),
        (["--colour"], "unrecognized arguments: --colour", "--help"),
    ],
)
def test_wrong_usage_is_refused_with_a_hint(arguments: list[str], problem: str, hint: str) -> None:
    refused = run("upstream", *arguments)

    error, advice = refused.stderr.splitlines()
    assert (refused.returncode, refused.stdout) == (2, "")
    assert error.startswith("error: ")
    assert problem in error
    assert advice.startswith("hint: ")
    assert hint in advice


def test_a_taken_port_is_refused_with_a_hint() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("upstream", "--port", str(taken.getsockname()[1]))

    assert refused.returncode == 2
    assert "address already in use" in refused.stderr
    assert "hint: --port 0" in refused.stderr


def test_too_few_open_files_for_what_is_asked_are_refused_with_a_hint() -> None:
    refused = run("upstream", "--hold", "500", open_files=256)

    assert refused.returncode == 2
    assert "error: 500 connections need 564 open files, and the limit is 256" in refused.stderr
    assert "hint: raise the hard limit" in refused.stderr


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    raised = run_with_few_open_files("from upstream.server import allow_connections; allow_connections(300)")

    assert raised == "(400, 400)"
