"""`python -m loadtests.ask`: sends each route of a plan (JSON on stdin) some times, and writes the answers as JSON.

The requests are those that a trial sends, and so is the check of the answers.
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import requests

from loadtests.scenarios import NO_DATA, Requests, Route, Target, fault_in

TIMEOUT_S = 30.0


def ask(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each answer: route, status, headers, body (text), seconds, and what is wrong with it."""
    target = Target(plan["url"], plan["identity"])
    work = Requests([Route(**route) for route in plan["routes"]], plan.get("data") or NO_DATA, plan["data_seed"])
    with requests.Session() as http:
        http.trust_env = False
        for route in (Route(**one) for one in plan.get("setup", ())):
            _answer(http, target, route, work, 0)
        for route in work.routes:
            for number in range(plan["times"]):
                yield _answer(http, target, route, work, number)


def _answer(http: requests.Session, target: Target, route: Route, work: Requests, number: int) -> dict[str, Any]:
    request = route.request(work.row(number))
    began = time.perf_counter()
    try:
        answer = http.request(
            route.method,
            target.url + request.target,
            data=request.body,
            headers={**request.headers, "X-Request-Id": f"0-{number}"},
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return {"route": route.name, "fault": f"no answer: {type(error).__name__}"}
    return {
        "route": route.name,
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "body": answer.text,
        "seconds": time.perf_counter() - began,
        "fault": fault_in(answer.status_code, answer.headers, answer.content, route, target),
    }


if __name__ == "__main__":
    json.dump(list(ask(json.load(sys.stdin))), sys.stdout)
