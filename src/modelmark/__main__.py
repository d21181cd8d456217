"""`python -m modelmark`."""

from modelmark.cli.main import run

run()
