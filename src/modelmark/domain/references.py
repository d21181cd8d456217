"""How people name a version on the command line: `m@7`, `m@prod`, `m#prod#12`, `models:/m@prod`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelmark.domain.names import AliasName, ModelName, parse_alias_name, parse_model_name, shown
from modelmark.domain.versions import Version, parse_version
from modelmark.errors import InvalidInput

_MLFLOW = "models:/"


@dataclass(frozen=True)
class ByVersion:
    """`m@7`, `m@v7`, `models:/m/7`."""

    model: ModelName
    version: Version

    def __str__(self) -> str:
        """The short form."""
        return f"{self.model}@{self.version}"


@dataclass(frozen=True)
class Latest:
    """`m@latest`: the highest registered version."""

    model: ModelName

    def __str__(self) -> str:
        """The short form."""
        return f"{self.model}@latest"


@dataclass(frozen=True)
class ByAlias:
    """`m@prod`, `m#prod`, `models:/m@prod`; with a number `m#prod#12`, what the alias meant then."""

    model: ModelName
    alias: AliasName
    number: int | None = None

    def __str__(self) -> str:
        """The short form; with `#` where a number follows."""
        return (
            f"{self.model}@{self.alias}"
            if self.number is None
            else f"{self.model}#{self.alias}#{self.number}"
        )


Reference = ByVersion | Latest | ByAlias


def parse_reference(text: str) -> Reference:
    """Read one REF.

    Raises:
        InvalidInput: it is none of the forms.
    """
    body = text.removeprefix(_MLFLOW)
    if text.startswith(_MLFLOW) and "/" in body:
        model, _, version = body.partition("/")
        return ByVersion(parse_model_name(model), parse_version(version))
    if "#" in body:
        model, _, rest = body.partition("#")
        alias, mark, number = rest.partition("#")
        if mark and not re.fullmatch(r"[1-9][0-9]{0,8}", number):
            raise InvalidInput(
                f"{shown(number)} is not an assignment number", "use for example nlp-sentiment#prod#12"
            )
        return ByAlias(parse_model_name(model), parse_alias_name(alias), int(number) if mark else None)
    if "@" not in body:
        raise InvalidInput(
            f"{shown(text)} does not say which version",
            "use MODEL@VERSION, MODEL@ALIAS, MODEL@latest or MODEL#ALIAS#NUMBER: nlp-sentiment@prod",
        )
    model, _, selector = body.partition("@")
    name = parse_model_name(model)
    if selector == "latest":
        return Latest(name)
    if re.fullmatch(r"[0-9].*|v[0-9.]+(\+.*)?", selector):  # `v2-canary` is an alias
        return ByVersion(name, parse_version(selector.removeprefix("v")))
    return ByAlias(name, parse_alias_name(selector))
