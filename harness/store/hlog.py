"""One interval log a run in HdrHistogram's standard format 1.2: a line a second and outcome, in microseconds.

A tag says trial and outcome: `b01-quart-u300/ok`. The lines of the window are `ok` and `failed`, in open load also
`service` (from the moment of sending) and `late` (from being due to being sent); those before and after it
`warmup-ok`, `drain-failed`, ... The Python library's writer knows no tags.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hdrh.codec import HdrCookieException, HdrHistogramSettingsException, HdrLengthException
from hdrh.histogram import HdrHistogram

from harness.errors import UsageError
from harness.facts.figures import PERCENTS
from harness.facts.trial import Second
from harness.judge.histograms import histogram_of, merged, percentile_ms
from harness.judge.window import Interval

VERSION = "#[Histogram log format version 1.2]"
LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'
START = "#[StartTime: "
DAMAGED = (ValueError, zlib.error, HdrCookieException, HdrHistogramSettingsException, HdrLengthException)


def log_head(start_s: float) -> list[str]:
    """Return the first lines of a log that begins at a moment of the wall clock, in seconds."""
    return [
        "#[Latencies in microseconds; Interval_Max in ms; tags: trial/outcome]",
        VERSION,
        f"{START}{start_s:.3f} (seconds since epoch)]",
        LEGEND,
    ]


def trial_lines(trial: str, intervals: Sequence[Interval], opened_s: float) -> list[str]:
    """Return the lines of a trial; `opened_s` is when its window opened, in seconds from the log's start."""
    return [
        _line(
            f"{trial}/{tag if interval.part == 'window' else f'{interval.part}-{tag}'}", interval, opened_s, histogram
        )
        for interval in intervals
        for tag, histogram in _histograms(interval)
    ]


def added(text: str, trial: str, intervals: Sequence[Interval], opened_at: float) -> str:
    """Return a log with a trial at its end; `opened_at` is the wall clock at its window's opening, in seconds.

    An empty text becomes a log; lines that an interrupted run left of the same trial go.
    """
    lines = text.splitlines() or log_head(opened_at)
    others = [line for line in lines if not line.startswith(f"Tag={trial}/")]
    return "\n".join([*others, *trial_lines(trial, intervals, opened_at - start_of(lines)), ""])


def start_of(lines: Sequence[str]) -> float:
    """Return the wall clock at a log's start, in seconds; ValueError where it does not say it."""
    found = next((line for line in lines[:5] if line.startswith(START)), "")
    return float(found.removeprefix(START).partition(" ")[0])


def _histograms(interval: Interval) -> Iterator[tuple[str, HdrHistogram]]:
    kinds = {"ok": interval.ok, "failed": interval.failed, "service": interval.service, "late": interval.late}
    yield from ((tag, histogram_of(values)) for tag, values in kinds.items() if values is not None)


def _line(tag: str, interval: Interval, opened_s: float, histogram: HdrHistogram) -> str:
    max_ms = histogram.get_max_value() / 1000 if histogram.get_total_count() else 0.0
    times = f"{opened_s + interval.at_s:.3f},{interval.length_s:.3f},{max_ms:.3f}"
    return f"Tag={tag},{times},{histogram.encode().decode()}"


@dataclass(frozen=True)
class Line:
    """One line of a log: its tag without the trial, its start on the wall clock and its length in s, its histogram."""

    tag: str
    start_s: float
    length_s: float
    histogram: HdrHistogram


def read_logs(path: Path) -> dict[str, list[Line]]:
    """Return the lines of a log by trial; UsageError where it is missing or damaged."""
    try:
        text = path.read_text(encoding="utf-8").splitlines()
        if VERSION not in text[:5]:
            raise UsageError(f"{path} is of another version: it has no {VERSION}", hint="give it as it was written")
        start_s, found = start_of(text), dict[str, list[Line]]()
        for line in (line for line in text if line.startswith("Tag=")):
            tag, begin, length, _, histogram = line.removeprefix("Tag=").split(",")
            trial, _, kind = tag.partition("/")
            read = Line(kind, start_s + float(begin), float(length), HdrHistogram.decode(histogram))
            found.setdefault(trial, []).append(read)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="measure again with `make bench`") from None
    except DAMAGED as error:
        raise UsageError(f"{path} is damaged: {error}", hint="measure again with `make bench`") from None
    return found


def window_histogram(lines: Sequence[Line], tag: str) -> HdrHistogram:
    """Return the histogram of the whole window for one outcome."""
    return merged(line.histogram for line in lines if line.tag == tag)


def seconds(lines: Sequence[Line]) -> tuple[Second, ...]:
    """Return the trial second by second; the time counts from the window's opening."""
    opened_at = min((line.start_s for line in lines if line.tag == "ok"), default=0.0)
    goods = [line for line in lines if line.tag.endswith("ok")]
    fails = [line for line in lines if line.tag.endswith("failed")]
    return tuple(
        Second(
            at_s=round(good.start_s - opened_at, 3),
            length_s=round(good.length_s, 3),
            ok=good.histogram.get_total_count(),
            failed=failed.histogram.get_total_count(),
            percentiles_ms={name: percentile_ms(good.histogram, percent) for name, percent in PERCENTS.items()},
        )
        for good, failed in zip(goods, fails, strict=False)
    )
