"""contract/openapi.yaml describes both live apps, and schemathesis finds no request that says otherwise."""

import json
from typing import Any

import schemathesis
from hypothesis import settings
from live_servers import ROOT, Server

schema = schemathesis.openapi.from_path(ROOT / "contract" / "openapi.yaml")


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True)
def test_every_operation_of_the_contract_is_kept(case: schemathesis.Case[Any], app: Server) -> None:
    case.call_and_validate(base_url=app.url)


def test_the_contract_names_the_routes_that_exist(app: Server) -> None:
    routes = json.loads(app.ask("/").body)["routes"]

    assert sorted(schema.raw_schema["paths"]) == [route.replace("<", "{").replace(">", "}") for route in routes]
