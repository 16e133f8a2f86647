"""What has to be the same on every machine of a run: the code, the lock, the interpreter, the packages."""

import hashlib
import platform
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from harness.measure.site import ROOT

CODE = ("contract", "examples", "flask_app", "harness", "loadtests", "quart_app", "servers", "upstream")
KINDS = {".py", ".toml", ".yaml"}
LOCK = "requirements.lock"


def identity() -> dict[str, str]:
    """Return what this machine runs, as digests and versions, by what it is called."""
    return {
        "code": code_digest(ROOT),
        LOCK: digest([(ROOT / LOCK).read_bytes()]),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": digest(sorted(f"{one.name.lower()}=={one.version}".encode() for one in distributions())),
    }


def code_digest(root: Path) -> str:
    """Return the digest of the code under a folder: of what `git archive` takes of it, and nothing that a run makes."""
    files = sorted(
        path
        for part in CODE
        for path in (root / part).rglob("*")
        if path.suffix in KINDS and "__pycache__" not in path.parts
    )
    return digest(text for path in files for text in (str(path.relative_to(root)).encode(), path.read_bytes()))


def digest(texts: Iterable[bytes]) -> str:
    """Return a short digest of texts that follow one another."""
    sha = hashlib.sha256()
    for text in texts:
        sha.update(len(text).to_bytes(8, "little") + text)
    return sha.hexdigest()[:16]
