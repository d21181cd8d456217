"""What a clone of a registry can be asked; no question changes anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, overload

from modelmark.domain.names import parse_alias_name, parse_model_name
from modelmark.registry.asked import RECORDS, as_moment, as_reference
from modelmark.usecases.resolve import LocalTags, Resolved, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from modelmark.domain.checks import Described
    from modelmark.domain.evidence import Evidence
    from modelmark.domain.recommendation import Comparison
    from modelmark.domain.references import Reference
    from modelmark.usecases import listing
    from modelmark.usecases.check import Report
    from modelmark.usecases.history import Past
    from modelmark.usecases.ports import Workspace
    from modelmark.usecases.show import Details
    from modelmark.usecases.status import Status

# As in `local.py`, each imports its own use-case.
# ruff: noqa: PLC0415


class Questions:
    """The part of `Registry` that only reads."""

    def __init__(self, workspace: Workspace, root: Path) -> None:
        self._workspace = workspace
        self.root = root

    def evidence(self, report: Report) -> Evidence:
        """What a reviewer wants to see beside a verdict."""
        from modelmark.usecases.evidence import evidence

        return evidence(self._workspace, report)

    def checks(self) -> tuple[Described, ...]:
        """What the gate can ask, and which gates of main ask it."""
        from modelmark.usecases.checks import checks
        from modelmark.usecases.state import find_main

        return checks(find_main(self._workspace).policy)

    def resolve(self, reference: Reference | str) -> Resolved:
        """What a reference means, by the tags of this clone."""
        return resolve(LocalTags(self._workspace), as_reference(reference))

    @overload
    def list(self) -> tuple[listing.Summary, ...]: ...
    @overload
    def list(self, model: str) -> tuple[listing.VersionRow, ...]: ...
    def list(self, model: str | None = None) -> tuple[listing.Summary, ...] | tuple[listing.VersionRow, ...]:
        """All models; or of one model all versions, the newest first."""
        from modelmark.usecases import listing

        return listing.list_models(self._workspace) if model is None else self.versions(model)[1]

    def versions(self, model: str) -> tuple[listing.Summary, tuple[listing.VersionRow, ...]]:
        """One model and its versions."""
        from modelmark.usecases import listing

        return listing.list_versions(self._workspace, parse_model_name(model))

    def show(self, reference: Reference | str) -> Details:
        """Everything about one version."""
        from modelmark.usecases.show import show

        return show(self._workspace, as_reference(reference))

    def compare(self, references: Sequence[Reference | str], alias: str | None = None) -> Comparison:
        """Versions side by side; with an alias, which of them to promote to it."""
        from modelmark.usecases.compare import compare

        asked = [as_reference(one) for one in references]
        return compare(self._workspace, asked, parse_alias_name(alias) if alias else None)

    def history(self, model: str, alias: str | None = None, as_of: date | str | None = None) -> Past:
        """What the aliases of a model meant, the newest first; with `as_of`, what each meant then."""
        from modelmark.usecases.history import history

        one = parse_alias_name(alias) if alias else None
        at = None if as_of is None else as_moment(as_of)
        return history(self._workspace, parse_model_name(model), one, at)

    def status(
        self, model: str | None = None, *, records: str = RECORDS, patience: timedelta = timedelta(days=1)
    ) -> Status:
        """What runs where, by the newest record of every environment, against what the tags declare.

        Args:
            model: one; None = every model that has records.
            records: `folder:PATH` or `branch:NAME`.
            patience: how long a change may take to arrive, before an environment counts as silent.
        """
        from modelmark.registry.deployments import records_in
        from modelmark.usecases.status import status

        asked = parse_model_name(model) if model else None
        return status(self._workspace, records_in(self.root, records), asked, patience)
