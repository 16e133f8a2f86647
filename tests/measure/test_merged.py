"""The rows of several workers come through their master's file as they were sent."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measure.merged import COLUMNS, columns_of
from loadtests.merged import RowsFile
from loadtests.recorder import COLUMNS as SENT
from loadtests.recorder import Row

TEXTS = st.text(max_size=8)
NUMBERS = st.floats(-1e6, 1e6)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, NUMBERS, NUMBERS, NUMBERS, TEXTS, TEXTS, st.integers(0, 10**9), TEXTS))


@settings(max_examples=25)
@given(st.lists(ROWS, max_size=4))
def test_rows_are_read_as_they_were_sent_in_the_order_of_the_messages(batches: list[list[Row]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = RowsFile(Path(folder) / "rows")
        for batch in batches:
            file.add(batch)
        file.close()
        columns = columns_of(file.path)

    assert COLUMNS == SENT == tuple(columns)
    assert list(zip(*columns.values(), strict=True)) == [row for batch in batches for row in batch]
