"""What `modelmark doctor --json` printed, as a test reads it."""

from __future__ import annotations

import json

from tests.cli.conftest import Ended


def off(ended: Ended) -> dict[str, str]:
    """What each probe that found something said, by its name; nothing may be off without its mend."""
    probes = json.loads(ended.out)["probes"]
    told = {one["name"]: one["findings"] for one in probes if one["findings"]}
    assert all(found["hint"] for findings in told.values() for found in findings), "each with its mend"
    return {name: "; ".join(found["message"] for found in findings) for name, findings in told.items()}
