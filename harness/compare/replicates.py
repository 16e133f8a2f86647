"""Several reports of one side: repeated runs, whose spread is what a verdict rests on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.compare.metrics import KNOWN
from harness.compare.sides import Key, Merged, Row, Side, counted, few
from harness.errors import UsageError
from harness.facts.figures import Metric

SUMS = (KNOWN["requests"], KNOWN["failures"])
DECLARED = ("throughput", "p95")  # of the row Aggregated: what repeated reports are judged by


def merged(name: str, sides: Sequence[Side]) -> Side:
    """Return repeated Locust reports as one side: counts added up, the maximum of all, else geometric means.

    UsageError for reports that are not repetitions of one another: of different kinds, or of different numbers of
    users where they say so.
    """
    if len(sides) == 1:
        return sides[0]
    if any(side.kind != "locust" for side in sides):
        ours = next(side for side in sides if side.kind != "locust")
        raise UsageError(
            f"{ours.name} is one of {len(sides)} runs on a side",
            hint="several runs on a side are Locust reports; a run of ours has its blocks, and stands alone",
        )
    _reject_other_load(sides)
    keys = dict.fromkeys(key for side in sides for key in side.rows)
    rows = {key: _row([side.rows[key] for side in sides if key in side.rows]) for key in keys}
    notes = dict.fromkeys(note for side in sides for note in side.notes)
    return Side(
        name,
        "locust",
        f"{len(sides)} Locust reports, {counted(len(rows), 'row')}",
        rows,
        notes=(*notes, *_gaps(sides, keys)),
        merged=_merged(sides),
        users=next((side.users for side in sides if side.users), None),
        replicates=tuple(sides),
    )


def _reject_other_load(sides: Sequence[Side]) -> None:
    known: dict[float, list[str]] = defaultdict(list)
    for side in sides:
        if side.users:
            known[side.users].append(side.name)
    if len(known) > 1:
        several = {users: f" and {len(names) - 1} more" if len(names) > 1 else "" for users, names in known.items()}
        said = ", ".join(f"{names[0]}{several[users]}: {users:g}" for users, names in sorted(known.items()))
        raise UsageError(
            f"the reports of a side had different numbers of users ({said})",
            hint="give those of one load only: their spread would be taken for noise",
        )


def _row(rows: Sequence[Row]) -> Row:
    metrics = dict.fromkeys(metric for row in rows for metric in row.values)
    values = {metric: value for metric in metrics if (value := _value(metric, rows)) is not None}
    requests, failures = (values.get(metric, 0.0) for metric in SUMS)
    if requests:
        values[KNOWN["failure_share"]] = 100 * failures / requests
    least = min((row.values.get(KNOWN["requests"], 0.0) for row in rows), default=0.0)
    return Row(values, few(values, least))


def _value(metric: Metric, rows: Iterable[Row]) -> float | None:
    from harness.judge.statistics import geometric_mean  # a tenth of a second that single reports do without

    known = [row.values[metric] for row in rows if metric in row.values]
    if metric in SUMS:
        return sum(known)
    if metric == KNOWN["max"]:
        return max(known, default=None)
    mean = geometric_mean(known)
    return mean.value if mean else None


def _merged(sides: Iterable[Side]) -> dict[Key, Merged]:
    """Return which rows were made one in any of the reports."""
    found: dict[Key, Merged] = {}
    for side in sides:
        for key, one in side.merged.items():
            before = found[key].rows if key in found else ()
            found[key] = Merged(one.group, tuple(dict.fromkeys((*before, *one.rows))))
    return found


def _gaps(sides: Sequence[Side], keys: Iterable[Key]) -> list[str]:
    partial = sum(any(key not in side.rows for side in sides) for key in keys)
    return [f"{counted(partial, 'row')} of some reports only"] if partial else []
