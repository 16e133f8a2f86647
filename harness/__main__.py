"""`python -m harness VERB`."""

from harness.cli import main

main()
