"""Licences against the policy's list: what is allowed passes with figures, what nobody can tell never does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from modelmark.checks.licenses import RULE, check
from modelmark.domain.inspection import Inspection
from modelmark.domain.licenses import Licensed, PackageLicenses
from modelmark.domain.requirements import Required, Requirements, Trouble
from modelmark.errors import CouldNot
from tests.support.candidates import asking, manifest, policy

ALLOWED = ("Apache-2.0", "BSD-3-Clause", "MIT")


def judged(
    *packages: Licensed,
    required: Sequence[Required] | None = None,
    troubles: Sequence[Trouble] = (),
    allowed: tuple[str, ...] = ALLOWED,
    tags: dict[str, str] | None = None,
) -> list[str]:
    pins = [Required("requirements.txt", 1, one.name, one.pin, one.version) for one in packages]
    facts = (
        Requirements(tuple(pins if required is None else required), tuple(troubles)),
        PackageLicenses(packages),
    )
    made = replace(manifest(), tags=tags or {})
    value = asking(RULE, *facts, made=made, rules=replace(policy(), licenses=allowed))
    return [f"{one.level}: {one.message}{f' [{one.about}]' if one.about else ''}" for one in check(value)]


def test_allowed_licences_pass_with_their_figures() -> None:
    mit = Licensed("click", "8.1.0", "MIT")
    assert judged(
        mit, Licensed("tqdm", "4.0", "MIT"), Licensed("numpy", "2.4.6", "BSD-3-Clause AND MIT")
    ) == ["note: 3 requirements have allowed licences: MIT (2), BSD-3-Clause AND MIT (1)"]


def test_no_requirements_is_said_and_nothing_more() -> None:
    assert judged() == ["note: it has no requirements, so there is no licence to judge"]


def test_a_licence_that_is_not_on_the_list_is_refused_by_the_pin() -> None:
    assert judged(Licensed("somelib", "2.1", "GPL-3.0-only"), Licensed("click", "8", "MIT")) == [
        "error: somelib==2.1 has the licence 'GPL-3.0-only', which registry.yaml does not allow [somelib==2.1]"
    ]


@pytest.mark.parametrize(
    ("package", "said"),
    [
        (Licensed("somelib", "2.1"), "its metadata says nothing"),
        (Licensed("somelib", "2.1", text="ask us\nnicely"), "its metadata says 'ask us\\nnicely'"),
        (
            Licensed("somelib", "2.1", classifiers=("License :: Free To Use",)),
            "its metadata says 'License :: Free",
        ),
    ],
)
def test_what_nobody_can_tell_is_refused(package: Licensed, said: str) -> None:
    (line,) = judged(package)
    assert line.startswith(f"error: nobody here can tell the licence of somelib==2.1: {said}")
    assert line.endswith("[somelib==2.1]")


def test_a_pin_that_the_index_left_out_is_refused() -> None:
    (line,) = judged(required=[Required("requirements.txt", 1, "ghost", "ghost==1", "1")])
    assert line.startswith("error: nobody here can tell the licence of ghost==1")


def test_the_metadata_of_another_version_is_none() -> None:
    (line,) = judged(
        Licensed("click", "7.0", "MIT"),
        required=[Required("requirements.txt", 1, "click", "click==8.0", "8.0")],
    )
    assert line.startswith("error: nobody here can tell the licence of click==8.0")


def test_the_same_version_written_otherwise_is_the_same() -> None:
    pins = [Required("requirements.txt", 1, "click", "click==8.0", "8.0")]
    (line,) = judged(Licensed("click", "8.0.0", "MIT"), required=pins)
    assert line.startswith("note: ")


def test_without_a_list_nothing_passes() -> None:
    (line,) = judged(Licensed("click", "8", "MIT"), allowed=())
    assert (
        line == "error: registry.yaml allows no licence, so there is nothing to judge by and nothing passes"
    )


def test_a_requirement_without_a_pin_is_refused() -> None:
    (line,) = judged(required=[Required("requirements.txt", 3, "numpy", "numpy>=1", None)])
    assert line == (
        "error: requirements.txt line 3: 'numpy>=1' is no pinned version, so its licence is not known [numpy]"
    )


def test_a_line_that_nobody_can_read_is_refused() -> None:
    (line,) = judged(troubles=[Trouble("requirements.txt", 4, "'git+x' is no requirement")])
    assert line.startswith("error: requirements.txt line 4: ")


@pytest.mark.parametrize(
    ("said", "passes"), [("MIT", True), ("mit", True), ("Apache 2.0", True), ("cc-by-nc-4.0", False)]
)
def test_the_models_own_licence_is_judged_where_it_is_said(said: str, passes: bool) -> None:
    errors = [line for line in judged(tags={"license": said}) if line.startswith("error")]
    assert (errors == []) is passes
    assert all(line.startswith(f"error: the model's own licence is '{said}'") for line in errors)


def test_a_models_licence_is_waived_by_its_own_name() -> None:
    (line,) = judged(tags={"license": "GPL-3.0-only"})
    assert line.endswith("[model]")


def test_an_index_that_nobody_could_ask_is_no_pass() -> None:
    value = asking(RULE, Requirements(), rules=replace(policy(), licenses=ALLOWED))
    failed = Inspection({Requirements: Requirements()}, {PackageLicenses: ("no index", "")})
    with pytest.raises(CouldNot, match="no index"):
        list(check(replace(value, subjects=(replace(value.subjects[0], inspection=failed),))))
