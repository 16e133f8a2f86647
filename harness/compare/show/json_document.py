"""A comparison as JSON, for programs.

    {"format": 2, "kind": "run" or "locust",
     "a": {"path": ..., "about": ...}, "b": the same,
     "runs": of more than two, in their order: [{"path": ..., "about": ..., "rows": [{"row": LABEL, "lane": ...,
              "point": ... or "method": ..., "name": ..., "metrics": {NAME: {"value": ..., "mark": ...}}}]}],
     "metrics": {NAME: {"unit": ..., "better": "lower", "higher" or null}},
     "rows": [{"row": LABEL, "lane": ..., "point": ... or "method": ..., "name": ...,
               "metrics": {NAME: {"a": ..., "b": ..., "ratio": ..., "difference": B - A, "direction": ...,
                                  "mark_a": ..., "mark_b": ...}}}],
     "only_a": rows, "only_b": rows, "unmeasured": [{"row": ..., ..., "a": REASON, "b": REASON}],
     "verdicts": [{"row": LABEL, "metric": NAME, "primary": ..., "verdict": "better", "worse", "equivalent" or
                   "inconclusive", "withheld": by a significant A/A, "doubts": [...],
                   "blocks_a": ..., "blocks_b": ...,
                   "lacking": valid trials without the figure, "ratio": B / A over the blocks, "low": ...,
                   "high": its 95 % interval, "p": adjusted (Holm), "blocks_to_settle": ...}],
     "groups": rows that are several made one: [{"row": LABEL, "group": "PATTERN => NAME", "a": rows of A, "b": of B}],
     "worse": COUNT of primaries, "notes": [...],
     "thresholds": [{"threshold": ..., "row": LABEL, "of": "b" or "ratio", "value": ..., "mark": ...,
                     "met": true, false or null where it was not checked, "why": no value}], "missed": COUNT}

`direction` compares two values. A mark is `few`, `thin`, `at least`, `too few` or `not sustained`, as
harness/compare/sides.py explains. What does not exist is null. `format` changes when a key changes its meaning or goes.
"""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from harness.compare.comparison import ComparedRow, Comparison, Figure
from harness.compare.metrics import in_order
from harness.compare.sides import KEY_NAMES, Key, Kind, Side, label

if TYPE_CHECKING:
    from harness.compare.verdicts import FigureVerdict

NO_RATIO = dict.fromkeys(("ratio", "low", "high"))


def json_document(comparison: Comparison) -> str:
    """Return the document that the module describes."""
    kind = comparison.a.kind
    metrics = {metric for row in comparison.all_rows for metric in row.metrics}
    keys = {row.key for row in comparison.all_rows}
    document = {
        "format": 2,
        "kind": kind,
        "a": _side(comparison.a),
        "b": _side(comparison.b),
        **({"runs": [_run(side, keys) for side in comparison.runs]} if comparison.earlier else {}),
        "metrics": {metric.name: {"unit": metric.unit, "better": metric.better} for metric in in_order(metrics)},
        "rows": [_measured(row, kind) for row in comparison.rows],
        "only_a": [_measured(row, kind) for row in comparison.only_a],
        "only_b": [_measured(row, kind) for row in comparison.only_b],
        "unmeasured": [
            {**_identity(row.key, kind), "a": row.why_not_a, "b": row.why_not_b} for row in comparison.unmeasured
        ],
        "verdicts": [_verdict(verdict) for verdict in comparison.verdicts],
        "groups": [{"row": label(key), "group": group, "a": a, "b": b} for key, group, a, b in comparison.groups],
        "worse": len(comparison.worse),
        "notes": list(comparison.notes),
        "thresholds": [
            {
                "threshold": outcome.threshold,
                "row": outcome.label,
                "of": "ratio" if outcome.of_ratio else "b",
                "value": outcome.value,
                "mark": outcome.mark,
                "met": outcome.met,
                "why": outcome.why or None,
            }
            for outcome in comparison.outcomes
        ],
        "missed": len(comparison.missed),
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _side(side: Side) -> dict[str, str]:
    return {"path": side.name, "about": side.about}


def _run(side: Side, keys: Collection[Key]) -> dict[str, Any]:
    """Return what a run has of the rows that are compared."""
    rows = [
        {
            **_identity(key, side.kind),
            "metrics": {
                metric.name: {"value": row.values[metric], "mark": row.marks.get(metric)}
                for metric in in_order(row.values)
            },
        }
        for key, row in side.rows.items()
        if key in keys
    ]
    return {**_side(side), "rows": rows}


def _identity(key: Key, kind: Kind) -> dict[str, Any]:
    parts = (part if isinstance(part, str) else part.label for part in key)
    return {"row": label(key), **dict(zip(KEY_NAMES[kind], parts, strict=True))}


def _measured(row: ComparedRow, kind: Kind) -> dict[str, Any]:
    return {
        **_identity(row.key, kind),
        "metrics": {metric.name: _figure(shown) for metric, shown in row.figures.items()},
    }


def _verdict(verdict: "FigureVerdict") -> dict[str, Any]:
    ratio = verdict.ratio
    return {
        "row": verdict.label,
        "metric": verdict.metric,
        "primary": verdict.primary,
        "verdict": verdict.word,
        "withheld": verdict.withheld,
        "doubts": list(verdict.decision.doubts),
        "blocks_a": verdict.blocks_a,
        "blocks_b": verdict.blocks_b,
        "lacking": verdict.lacking,
        **({"ratio": ratio.value, "low": ratio.low, "high": ratio.high} if ratio else NO_RATIO),
        "p": verdict.p,
        "blocks_to_settle": verdict.blocks_to_settle,
    }


def _figure(shown: Figure) -> dict[str, Any]:
    return {
        "a": shown.a,
        "b": shown.b,
        "ratio": shown.ratio,
        "difference": shown.difference,
        "direction": shown.direction,
        "mark_a": shown.mark_a,
        "mark_b": shown.mark_b,
    }
