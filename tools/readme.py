"""The parts of README.md that come from elsewhere: the answer from the sample's report, the migration table."""

from pathlib import Path

from contract.mirror import migration_table

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
SAMPLE = "results/sample"


def filled(readme: str) -> str:
    """Return README's text with its answer and its migration table as they should be."""
    for name, text in (("answer", _answer()), ("migration", migration_table().strip())):
        before, _, rest = readme.partition(f"<!-- {name} -->\n")
        readme = f"{before}<!-- {name} -->\n{text}\n<!-- /{name} -->{rest.partition(f'<!-- /{name} -->')[2]}"
    return readme


def _answer() -> str:
    """Return the head of the sample's report: verdicts, table and the first two charts."""
    report = (ROOT / SAMPLE / "report.md").read_text()
    head = report.partition("\n## ")[0].partition("\n")[2].strip()
    return head.replace("](charts/", f"]({SAMPLE}/charts/")


if __name__ == "__main__":
    README.write_text(filled(README.read_text()))
