"""What merging costs: `tools/merging.py ROWS WORKERS` writes and reads the rows of so many workers, as a trial does.

It prints seconds and the largest resident memory of a master that writes them down, and of a harness that reads them.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BATCH = 5_000  # ROWS_A_MESSAGE of loadtests/trial.py
TIMING = (
    "location;start=3600123.125;dur=100.250, sun;start=3600223.500;dur=100.125, handler;start=3600122.500;dur=201.750"
)


def write(path: Path, rows: int, workers: int) -> None:
    """Write the rows that workers send, in turns."""
    from loadtests.merged import RowsFile

    file, number = RowsFile(path), 0
    while number < rows:
        batch = range(number, min(rows, number + BATCH))
        file.add((f"{k % workers}-{k}", "GET /x", k * 1e-4, 0.0, 0.2, "ok", "", 512, TIMING) for k in batch)
        number += BATCH
    file.close()


def read(path: Path, rows: int) -> None:
    """Read them as the harness does."""
    from harness.measure.merged import columns_of

    columns = columns_of(path)
    assert len(columns["id"]) == len(columns["start_s"]) == rows  # noqa: S101 - what is to be shown


def main() -> None:
    """Run both in processes of their own; print what they took."""
    rows, workers = int(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        path = Path(sys.argv[4])
        write(path, rows, workers) if sys.argv[3] == "write" else read(path, rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows"
        for part in ("write", "read"):
            began = time.monotonic()
            subprocess.run([sys.executable, __file__, str(rows), str(workers), part, str(path)], check=True)
            took_s, mib = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{part} {rows:,} rows of {workers} workers: {took_s:.1f} s, at most {mib:,.0f} MiB")
        print(f"the file: {path.stat().st_size / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
