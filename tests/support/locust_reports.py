"""Small made-up reports of Locust."""

from pathlib import Path

HEAD = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%,99%\n"
)


def line(kind: str, name: str, p95: float, *, requests: int = 5000, failures: int = 0, rps: float = 100.0) -> str:
    """Return a row whose latencies follow from its p95, in ms."""
    figures = f"{requests},{failures},{p95 / 2:.3f},{p95 / 2:.3f},1,{2 * p95:.3f},10,{rps:.4f},0"
    return f"{kind},{name},{figures},{p95 / 2:.3f},{p95:.3f},{1.5 * p95:.3f}\n"


def report(path: Path, p95: float, *, rps: float = 100.0, more: str = "") -> Path:
    """Write a report of GET /a and Aggregated, with `more` rows above them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + more + line("GET", "/a", p95, rps=rps) + line("", "Aggregated", p95, rps=rps))
    return path
