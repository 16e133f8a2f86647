"""`python -m loadtests.describe FILE`: which users a locustfile has, as JSON; or what is wrong with it, and where."""

import json
import sys
import traceback
from pathlib import Path

from locust.util.load_locustfile import load_locustfile


def describe(path: Path) -> dict[str, object]:
    """Return `users`: each class's own host, by its name; or `error`: what is wrong, with file and line."""
    try:
        users = load_locustfile(str(path))[0]
    except (Exception, SystemExit) as error:
        return {"error": f"{_place(error, path)}: {type(error).__name__}: {error}"}
    return {"users": {name: user.host for name, user in users.items()}}


def _place(error: BaseException, path: Path) -> str:
    """Return the last line of the file that the error comes from."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f"{path}, line {lines[-1]}" if lines else str(path)


if __name__ == "__main__":
    print(json.dumps(describe(Path(sys.argv[1]).resolve())))
