"""Interval logs in HdrHistogram's standard format (version 1.2): one line a second and outcome, in microseconds."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hdrh.codec import HdrCookieException, HdrHistogramSettingsException, HdrLengthException
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from harness.errors import UsageError
from harness.facts.figures import PERCENTS
from harness.facts.records import Second
from harness.judge.histograms import histogram_of, merged, new_histogram, percentile_ms
from harness.judge.window import Interval

VERSION = "#[Histogram log format version 1.2]"
LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'
DAMAGED = (ValueError, zlib.error, HdrCookieException, HdrHistogramSettingsException, HdrLengthException)


def log_text(intervals: Sequence[Interval], opened_at: float) -> str:
    """Return the log of a trial; `opened_at` is the wall clock at the window's opening, in seconds.

    The lines of the window are tagged `ok` and `failed`, and in open load `service` (from the moment of sending) and
    `late` (from being due to being sent); those before and after it `warmup-ok`, `drain-failed`, ... Interval_Max is in
    ms. The Python library's writer knows no tags.
    """
    first_s = min((interval.at_s for interval in intervals), default=0.0)
    head = [
        "#[Latencies in microseconds; tags without a prefix are the window's]",
        VERSION,
        f"#[StartTime: {opened_at + first_s:.3f} (seconds since epoch)]",
        LEGEND,
    ]
    lines = [
        _line(tag if interval.part == "window" else f"{interval.part}-{tag}", interval.at_s - first_s, interval, hist)
        for interval in intervals
        for tag, hist in _histograms(interval)
    ]
    return "\n".join([*head, *lines, ""])


def _histograms(interval: Interval) -> Iterator[tuple[str, HdrHistogram]]:
    kinds = {"ok": interval.ok, "failed": interval.failed, "service": interval.service, "late": interval.late}
    yield from ((tag, histogram_of(values)) for tag, values in kinds.items() if values is not None)


def _line(tag: str, start_s: float, interval: Interval, histogram: HdrHistogram) -> str:
    max_ms = histogram.get_max_value() / 1000 if histogram.get_total_count() else 0.0
    return f"Tag={tag},{start_s:.3f},{interval.length_s:.3f},{max_ms:.3f},{histogram.encode().decode()}"


@dataclass(frozen=True)
class Line:
    """One line of a log: its tag, its start on the wall clock and its length in seconds, its histogram."""

    tag: str
    start_s: float
    length_s: float
    histogram: HdrHistogram


def read_log(path: Path) -> list[Line]:
    """Return the lines of a log; UsageError where it is missing or damaged."""
    try:
        if VERSION not in path.read_text(encoding="utf-8").splitlines()[:5]:
            raise UsageError(f"{path} is of another version: it has no {VERSION}", hint="give it as it was written")
        return list(_lines(path))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="measure again with `make bench`") from None
    except DAMAGED as error:
        raise UsageError(f"{path} is damaged: {error}", hint="measure again with `make bench`") from None


def _lines(path: Path) -> Iterator[Line]:
    reader = HistogramLogReader(str(path), new_histogram())
    with reader.input_file:
        while (histogram := reader.get_next_interval_histogram()) is not None:
            start_s, end_s = histogram.get_start_time_stamp() / 1000, histogram.get_end_time_stamp() / 1000
            yield Line(histogram.get_tag(), start_s, end_s - start_s, histogram)


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
