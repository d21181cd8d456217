"""Asks pip-audit which known vulnerabilities a bundle's pinned requirements have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.adapters.inspection import requirements
from modelmark.adapters.inspection.package_index import pip_audit
from modelmark.domain.advisories import Audit, Vulnerability
from modelmark.domain.names import shown
from modelmark.domain.requirements import normalised

if TYPE_CHECKING:
    from modelmark.adapters.inspection.contents import Contents


def look(contents: Contents, *, sandboxed: bool) -> Audit:
    """What the service says; nobody is asked where there is no pinned requirement.

    Raises:
        CouldNot: pip-audit is not there or has no answer.
    """
    pins = requirements.look(contents, sandboxed=sandboxed).pins
    versions = dict(pins)
    asked: list[str] = []
    unknown: list[tuple[str, str]] = []
    found: list[Vulnerability] = []
    for one in pip_audit(pins) if pins else ():
        name = normalised(str(one["name"]))
        pin = f"{name}=={versions.pop(name, '')}"
        # pip-audit calls a package that it could not look up skipped, and still ends with "no known vulnerabilities".
        if "skip_reason" in one:
            unknown.append((pin, str(one["skip_reason"])))
            continue
        asked.append(pin)
        version = pin.partition("==")[2]
        for vulnerability in one["vulns"]:
            fixed = ", ".join(map(str, vulnerability.get("fix_versions") or ()))
            known_as = shown(str(vulnerability["id"]))[1:-1]
            found.append(Vulnerability(name, version, known_as, f"mended in {fixed}" if fixed else ""))
    unknown += [(f"{name}=={version}", "it is not in the answer") for name, version in versions.items()]
    return Audit(tuple(asked), tuple(unknown), tuple(found))
