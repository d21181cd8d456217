"""Asks pip-audit which known vulnerabilities a bundle's pinned requirements have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.adapters.inspection import requirements
from modelmark.adapters.inspection.package_index import pip_audit
from modelmark.domain.advisories import Audit, Vulnerability
from modelmark.domain.requirements import normalised

if TYPE_CHECKING:
    from modelmark.adapters.inspection.contents import Contents


def look(contents: Contents, *, sandboxed: bool) -> Audit:
    """What the service says; nobody is asked where there is no pinned requirement.

    Raises:
        CouldNot: pip-audit is not there or has no answer.
    """
    pins = requirements.look(contents, sandboxed=sandboxed).pins
    versions, asked, unknown = dict(pins), [], []
    found: list[Vulnerability] = []
    for one in pip_audit(pins) if pins else ():
        name = normalised(str(one["name"]))
        # pip-audit calls a package that it could not look up skipped, and still ends with "no known vulnerabilities".
        if "skip_reason" in one:
            unknown.append((f"{name}=={versions.get(name, '')}", str(one["skip_reason"])))
            continue
        asked.append(f"{name}=={one['version']}")
        for vulnerability in one["vulns"]:
            fixed = ", ".join(map(str, vulnerability.get("fix_versions") or ()))
            details = f"mended in {fixed}" if fixed else ""
            found.append(Vulnerability(name, str(one["version"]), str(vulnerability["id"]), details))
    silent = {f"{name}=={version}" for name, version in pins} - set(asked) - {pin for pin, _ in unknown}
    unknown += [(pin, "it is not in the answer") for pin in sorted(silent)]
    return Audit(tuple(asked), tuple(unknown), tuple(found))
