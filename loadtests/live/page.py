"""The page and its data as routes inside Locust's web UI, and the ways from Locust's own pages to them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from locust.web import WebUI

from loadtests.live.downloads import series_csv, stats_csv
from loadtests.live.watch import Watch

Faults = Mapping[str, Sequence[Mapping[str, Any]]]

TAB = "side-by-side"
HEADINGS = {
    "app": "App",
    "span": "Span",
    "requests": "Requests",
    "failures": "Failures",
    "throughput_rps": "Right answers/s",
    "p50_ms": "p50 (ms)",
    "p95_ms": "p95 (ms)",
    "p99_ms": "p99 (ms)",
    "cpu_ms": "CPU ms/answer",
}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"
LINK = (
    '<body><a href="live" style="display:block; padding:.6rem 1rem; background:#1f2328; color:#fff; '
    'text-align:center; font:600 1rem/1.3 system-ui,sans-serif">Both apps, live side by side &rarr;</a>'
)


def add_page(web_ui: WebUI, watch: Watch, path: str, lanes: dict[str, str], faults: Faults | None = None) -> None:
    """Serve the live page at /live, and lead there from Locust's pages; `path` is what both apps are asked for.

    `faults` are those that the page can set, by name, in the stub's words.
    """
    assert web_ui.app is not None  # noqa: S101 - Locust makes it before this
    live = _routes(watch, path, lanes, tuple(faults or ()))
    _add_faults(live, watch, {"": [], **(faults or {})})
    web_ui.app.register_blueprint(live)
    web_ui.app.after_request(lambda response: _extended(response, watch))
    web_ui.template_args |= {
        "extended_tabs": [{"title": "Side by side", "key": TAB}],
        "extended_tables": [
            {"key": TAB, "structure": [{"key": key, "title": title} for key, title in HEADINGS.items()]}
        ],
        "extended_csv_files": [{"href": f"live/{name}", "title": title} for name, title in _downloads(lanes).items()],
    }


def _add_faults(live: Blueprint, watch: Watch, faults: Faults) -> None:
    @live.post("/fault")
    def set_fault() -> Response:
        """Let a fault hit the upstream's calls from now on, or none, which has no name."""
        name = request.get_data(as_text=True)
        if name not in faults:
            abort(404)
        if not watch.upstream.set_faults(faults[name]):
            abort(502)
        watch.fault = name
        return jsonify({"fault": name})


def _routes(watch: Watch, path: str, lanes: dict[str, str], faults: Iterable[str]) -> Blueprint:
    live = Blueprint("live", __name__, url_prefix="/live", template_folder="templates", static_folder="static")

    @live.get("")
    def page() -> Response:
        files = _downloads(lanes)
        text = render_template("live.html", path=path, lanes=lanes, headings=HEADINGS, downloads=files, faults=faults)
        return Response(text, headers={"Content-Security-Policy": POLICY})

    @live.get("/series")
    def series() -> Response:
        """Return the points after those that the page has; all of them if it has those of an earlier test."""
        known = request.args.get("run", type=int) == watch.series.run
        after = request.args.get("after", 0.0, type=float) if known else 0.0
        points, table = watch.series.after(after), watch.series.table()
        told = {"run": watch.series.run, "state": watch.state, "fault": watch.fault}
        return jsonify({**told, "points": points, "table": table})

    @live.get("/series.csv")
    def series_file() -> Response:
        return _download(series_csv(watch.series.apps, watch.series.points))

    @live.get("/<app>_stats.csv")
    def stats_file(app: str) -> Response:
        if app not in watch.series.tracks:
            abort(404)
        return _download(stats_csv(path, watch.series.tracks[app].total))

    return live


def _downloads(apps: Iterable[str]) -> dict[str, str]:
    """Return what can be downloaded, by file name."""
    return {f"{app}_stats.csv": f"{app}: totals (CSV)" for app in apps} | {"series.csv": "Both: second by second (CSV)"}


def _download(text: str) -> Response:
    name = request.path.rpartition("/")[2]
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"})


def _extended(response: Response, watch: Watch) -> Response:
    """Put a link on Locust's own page, and our table beside its statistics: the ways in that it has no option for."""
    if response.status_code != 200:
        return response
    if request.path == "/":
        response.set_data(response.get_data(as_text=True).replace("<body>", LINK, 1))
    elif request.path == "/stats/requests":
        figures: dict[str, Any] = json.loads(response.get_data())
        figures["extended_stats"] = [{"key": TAB, "data": watch.series.table()}]
        response.set_data(json.dumps(figures))
    return response
