"""Every request and every upstream call of a run in one file, rows.npz, which numpy alone reads.

A trial has four arrays, `<trial>.meta` (JSON in UTF-8), `.requests`, `.moments` and `.injected_us`; packed.py says what
they hold. A zip of numpy's own format needs no further library; Parquet would bring one of 40 MB.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from lzma import LZMAError
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.errors import UsageError
from harness.store.files import write_atomically
from harness.store.packed import Meta, Packed

ARRAYS = ("requests", "moments", "injected_us")
DAMAGED = (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, zlib.error, LZMAError)


def add_rows(path: Path, trial: str, rows: Packed) -> None:
    """Add a trial to the file, as a whole: whoever reads it sees all of the trial or nothing of it.

    What an interrupted run left of the same trial is replaced.
    """
    text = io.BytesIO(path.read_bytes() if path.exists() else b"")
    members = {name: _member(array) for name, array in _arrays(trial, rows).items()}
    with zipfile.ZipFile(text, "a") as archive:
        names = archive.namelist()
        kept = {} if members.keys().isdisjoint(names) else {name: archive.read(name) for name in names}
        if not kept:
            _write(archive, members)
    if kept:
        text = io.BytesIO()
        with zipfile.ZipFile(text, "w") as archive:
            _write(archive, kept | members)
    write_atomically(path, text.getvalue())


def _arrays(trial: str, rows: Packed) -> dict[str, npt.NDArray[Any]]:
    meta = np.frombuffer(rows.meta.model_dump_json().encode(), dtype=np.uint8)
    arrays = {"meta": meta, **{name: getattr(rows, name) for name in ARRAYS}}
    return {f"{trial}.{name}.npy": array for name, array in arrays.items()}


def _member(array: npt.NDArray[Any]) -> bytes:
    text = io.BytesIO()
    np.lib.format.write_array(text, array, allow_pickle=False)
    return text.getvalue()


def _write(archive: zipfile.ZipFile, members: Mapping[str, bytes]) -> None:
    for name, content in members.items():
        place = zipfile.ZipInfo(name)
        place.compress_type = zipfile.ZIP_LZMA
        archive.writestr(place, content)


def read_rows(path: Path, trials: Sequence[str]) -> Iterator[Packed]:
    """Yield the rows of these trials; UsageError where the file is missing, damaged or without one of them."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            for trial in trials:
                meta = Meta.model_validate_json(_array(archive, f"{trial}.meta").tobytes())
                yield Packed(
                    meta, *(_array(archive, f"{trial}.{name}") for name in ("requests", "moments", "injected_us"))
                )
    except DAMAGED as error:
        raise UsageError(f"{path} is damaged: {error}", hint="measure again with `make bench`") from None


def _array(archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    return np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
