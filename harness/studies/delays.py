"""Whether percentiles come out as the stub delivered them, under delays with a long tail."""

import csv

import numpy as np

from harness.facts.point import Point
from harness.facts.trial import Trial
from harness.judge.histograms import histogram_of, percentile_ms
from harness.judge.rows import Evidence
from harness.measure.generator import Sending
from harness.measure.server import Server
from harness.studies.laboratory import Experiment, ask, laboratory, stub_lane
from harness.studies.study import Row, Study

RATE = 400.0
SPEC = "lognormal:0.1:0.5"
PERCENTS = (50, 95, 99)


def delays(seconds: float = 30.0) -> Study:
    """Ask a stub with log-normal delays directly, by open load; compare with what it delivered to the same ids."""
    lane = stub_lane(SPEC)
    with laboratory() as bench, bench.serve(lane) as server:
        csvs = bench.tools.site.scratch / "locusts-own"
        sending = Sending(spacing="constant", options=("--csv", str(csvs)))
        load = Experiment(Point("open", RATE), seconds, clients=400, sending=sending)
        trial, evidence = bench.measure(server, lane, load)
        delivered = _delivered_ms(server, evidence)
        with csvs.with_name(csvs.name + "_stats.csv").open(newline="") as file:
            locust = next(row for row in csv.DictReader(file) if row["Name"] == lane.path)
    histogram = histogram_of(evidence.requests.service_s[evidence.requests.are("ok")])
    rows: list[Row] = []
    for percent, exact in zip(PERCENTS, np.percentile(delivered, PERCENTS, method="inverted_cdf"), strict=True):
        ours = percentile_ms(histogram, percent) or 0.0
        rows.append(
            {
                "percentile": f"p{percent}",
                "delivered ms": float(exact),
                "ours ms": ours,
                "difference ms": ours - float(exact),
                "difference %": 100 * (ours / float(exact) - 1),
                "Locust's own ms": float(locust[f"{percent}%"]),
            }
        )
    return Study(
        f"{SPEC} at {RATE:g}/s, {seconds:g} s",
        tuple(rows),
        _notes(trial, evidence),
        promise="each within 1 % or 1 ms, the stub below half a core",
        kept=(trial.cpu_share or 1.0) < 0.5 and all(map(_is_near, rows)),
    )


def _is_near(row: Row) -> bool:
    off_ms, off_percent = row["difference ms"], row["difference %"]
    assert isinstance(off_ms, float)  # noqa: S101 - written above
    assert isinstance(off_percent, float)  # noqa: S101
    return abs(off_ms) <= 1 or abs(off_percent) <= 1


def _delivered_ms(server: Server, evidence: Evidence) -> list[float]:
    calls = ask(server, "/control/calls")
    by_id = dict(zip(calls["id"], calls["delivered_s"], strict=True))
    answered = evidence.requests.are("ok")
    return [by_id[evidence.requests.id[place]] * 1000 for place in np.flatnonzero(answered).tolist()]


def _notes(trial: Trial, evidence: Evidence) -> tuple[str, ...]:
    return (
        f"{len(evidence.requests.id)} requests; the stub used {100 * (trial.cpu_share or 0):.0f} % of its core.",
        "Ours is the service time: from the sending on, as Locust's is. Locust rounds to whole ms, above 100 ms to two "
        "digits.",
    )
