"""The parts of README.md that come from elsewhere: answer and table from the sample's report, the migration table."""

from pathlib import Path

from contract.mirror import migration_table

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
SAMPLE = "results/sample"


def filled(readme: str) -> str:
    """Return README's text with its answer and its tables as they should be."""
    answer, table = _head_of_report()
    for name, text in (("answer", answer), ("table", table), ("migration", migration_table().strip())):
        before, _, rest = readme.partition(f"<!-- {name} -->\n")
        readme = f"{before}<!-- {name} -->\n{text}\n<!-- /{name} -->{rest.partition(f'<!-- /{name} -->')[2]}"
    return readme


def _head_of_report() -> tuple[str, str]:
    """Return what the sample's report says first: the sentences under its title, and its table with the key."""
    report = (ROOT / SAMPLE / "report.md").read_text()
    _title, _run, *paragraphs = report.partition("\n## ")[0].split("\n\n")
    place = next(number for number, paragraph in enumerate(paragraphs) if paragraph.startswith("| lane"))
    return "\n\n".join(paragraphs[:place]), "\n\n".join(paragraphs[place : place + 2])


if __name__ == "__main__":
    README.write_text(filled(README.read_text()))
