import tempfile
from pathlib import Path

from compare_inputs import LOCUST_1, LOCUST_2
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.compare import FORMATS, compare, render
from harness.errors import UsageError

LINES = st.lists(
    st.sampled_from(
        [*LOCUST_1.read_text().splitlines(), *LOCUST_2.read_text().splitlines(), "", '"', ",,", "trial,lane"]
    )
)


def compares_or_explains(content: bytes) -> None:
    """Compare a file with a good one: only a result, or a UsageError with a hint, will do."""
    hint = ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any_stats.csv"
        path.write_bytes(content)
        try:
            rendered = [render(compare(path, LOCUST_2), form) for form in FORMATS]
        except UsageError as error:
            rendered, hint = [], error.hint

    assert bool(hint) != bool(rendered)


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_compared_or_explained(content: bytes) -> None:
    compares_or_explains(content)


@settings(deadline=None)
@given(LINES.map("\n".join))
def test_any_mixture_of_real_lines_is_compared_or_explained(content: str) -> None:
    compares_or_explains(content.encode())


@settings(deadline=None)
@given(st.integers(0, len(LOCUST_1.read_bytes())))
def test_a_report_that_was_cut_off_anywhere_is_compared_or_explained(length: int) -> None:
    compares_or_explains(LOCUST_1.read_bytes()[:length])


@settings(deadline=None)
@given(st.integers(0, len(LOCUST_2.read_text()) - 1), st.characters())
def test_a_report_with_one_wrong_character_is_compared_or_explained(place: int, character: str) -> None:
    text = LOCUST_2.read_text()
    compares_or_explains(f"{text[:place]}{character}{text[place + 1 :]}".encode(errors="replace"))
