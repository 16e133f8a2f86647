"""Follow an OpenAPI file: the same made-up requests to two lanes, and the first differences between their answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from harness.errors import UsageError
from harness.pair.answers import Answer, differences

TIMEOUT_S = 30.0


def follow(schema: Path, addresses: Mapping[str, str], examples: int) -> dict[str, tuple[str, ...]]:
    """Return in what two lanes differ, by operation: of the first of its requests that they answer differently.

    The requests are schemathesis's, the same each time. UsageError where the file cannot be read.
    """
    try:
        import schemathesis
    except ImportError:
        raise UsageError(
            "an OpenAPI file is followed with schemathesis, which is not installed", hint="pip install schemathesis"
        ) from None
    try:
        found = schemathesis.openapi.from_path(schema).get_all_operations()
        operations: list[Any] = [one.ok() for one in found]  # type: ignore[union-attr] # else it raises
    except (OSError, ValueError, schemathesis.errors.SchemathesisError) as error:
        raise UsageError(f"cannot follow {schema}: {error}", hint="give an OpenAPI 2 or 3 file, YAML or JSON") from None
    return {operation.label: _different(operation, addresses, examples) for operation in operations}


def _different(operation: Any, addresses: Mapping[str, str], examples: int) -> tuple[str, ...]:
    from hypothesis import Phase, given, settings

    found: list[tuple[str, ...]] = []

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        if found:
            return
        ours, theirs = (_ask(case, operation.label, url) for url in addresses.values())
        if different := tuple(differences([ours], [theirs])):
            found.append((f"{case.method} {case.formatted_path}", *different))

    ask()
    return found[0] if found else ()


def _ask(case: Any, route: str, url: str) -> Answer:
    try:
        answer = case.call(base_url=url, timeout=TIMEOUT_S)
    except requests.RequestException as error:
        return Answer(route=route, fault=f"no answer: {type(error).__name__}")
    return Answer(
        route=route, status=answer.status_code, headers={k: v[0] for k, v in answer.headers.items()}, body=answer.text
    )
