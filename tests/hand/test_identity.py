"""A machine that runs something else than this one is refused, and what differs is named."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.facts.host import Host
from harness.hand.identity import code_digest, identity
from harness.hand.reach import FarHand


class Told(FarHand):
    """A hand that has said who it is."""

    def __init__(self, said: dict[str, str]) -> None:
        self.host, self.about = Host.parse("ssh:me@a"), {"identity": said}


@pytest.mark.parametrize("what", ["code", "requirements.lock", "Python", "packages"])
def test_a_machine_with_another_of_each_is_refused(what: str) -> None:
    ours = identity()
    Told(ours).refuse_another()

    with pytest.raises(UsageError, match=f"it has another {what} other") as refused:
        Told({**ours, what: "other"}).refuse_another()

    assert "make hosts-setup HOSTS=ssh:me@a" in refused.value.hint


def test_code_is_told_by_what_is_in_its_files_and_where_they_are(tmp_path: Path) -> None:
    def digest_of(name: str, text: str) -> str:
        file = tmp_path / text / "harness" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        (file.parent / "made.pyc").write_text(name)  # what runs leave behind is no code
        return code_digest(tmp_path / text)

    same, other_text = digest_of("a.py", "x"), digest_of("a.py", "y")

    assert digest_of("a.py", "x") == same
    assert len({same, other_text, digest_of("b.py", "x"), digest_of("b.py", "z")}) == 4
