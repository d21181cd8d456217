from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.references import ByAlias, ByVersion, Latest, Reference, parse_reference
from modelmark.errors import InvalidInput
from tests.support.domain import alias_names, model_names, numbers, version, versions

M = ModelName("m")
V2_CANARY = AliasName("v2-canary")
PROD = AliasName("prod")

references = (
    st.builds(ByVersion, model_names, versions)
    | st.builds(Latest, model_names)
    | st.builds(ByAlias, model_names, alias_names, st.none() | numbers)
)


@given(references)
def test_a_reference_is_read_back_from_its_text(reference: Reference) -> None:
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("m@7", ByVersion(M, version("7"))),
        ("m@v7", ByVersion(M, version("7"))),
        ("m@v1.0.2+gpu", ByVersion(M, version("1.0.2+gpu"))),
        ("models:/m/7", ByVersion(M, version("7"))),
        ("m@latest", Latest(M)),
        ("models:/m@latest", Latest(M)),
        ("m@prod", ByAlias(M, PROD)),
        ("m#prod", ByAlias(M, PROD)),
        ("models:/m@prod", ByAlias(M, PROD)),
        ("m#prod#12", ByAlias(M, PROD, 12)),
        ("m@v2-canary", ByAlias(M, V2_CANARY)),
    ],
)
def test_every_form_of_a_reference_is_understood(text: str, meant: Reference) -> None:
    assert parse_reference(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m",
        "m@",
        "@prod",
        "m@@prod",
        "m@01",
        "m@v01",
        "m@7.",
        "m@7\n",
        "m@prod#1",
        "m#prod#",
        "m#prod#0",
        "m#prod#01",
        "m#prod#-1",
        "m#prod#1#2",
        "m#latest",
        "m#none",
        "M@prod",
        "../m@prod",
        "models:/m",
        "models:/m/prod",
        "models:/m/v7",
        "--help@prod",
    ],
)
def test_a_text_of_no_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_reference(text)


def test_a_bare_model_name_gets_a_hint_that_shows_the_forms() -> None:
    with pytest.raises(InvalidInput, match="does not say which version") as caught:
        parse_reference("nlp-sentiment")
    assert "nlp-sentiment@prod" in caught.value.hint


@given(st.text())
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        found = parse_reference(text)
    except InvalidInput:
        return
    assert parse_reference(str(found)) == found
