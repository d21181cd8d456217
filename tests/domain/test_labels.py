"""Label maps: a consistent one stays so however it is written, and any single corruption is found."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.formats import Content, FileFormat, Formats
from modelmark.domain.labels import (
    LabelSource,
    Layer,
    disagreement,
    doubts_of,
    fits,
    output_layers,
    problems_of,
)

NAMES = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=8, unique=True)


def source(*pairs: tuple[int, str], path: str = "labels.json") -> LabelSource:
    return LabelSource(path, "", pairs)


@given(NAMES, st.data())
def test_a_consistent_map_stays_so_in_any_order(names: list[str], data: st.DataObject) -> None:
    one = source(*enumerate(names))
    other = source(*data.draw(st.permutations(one.pairs)))
    assert [*problems_of(other), *doubts_of(other)] == []
    assert disagreement(one, other) == ""


@given(NAMES.filter(lambda names: len(names) > 1), st.data())
def test_any_single_corruption_is_found(names: list[str], data: st.DataObject) -> None:
    good = source(*enumerate(names))
    pairs = list(good.pairs)
    at, other = data.draw(st.permutations(range(len(names))))[:2]
    number, label = pairs[at]
    pairs[at] = data.draw(
        st.sampled_from(
            [
                (pairs[other][0], label),  # an id twice
                (number, pairs[other][1]),  # a label twice
                (number + len(pairs), label),  # a gap
                (number, label + "x"),  # another label
                (number, " "),
            ]
        )
    )
    bad = replace(good, pairs=tuple(pairs))
    assert [*problems_of(bad)] or disagreement(good, bad)


@given(NAMES.filter(lambda names: len(names) > 1), st.data())
def test_two_labels_in_each_others_place_are_found(names: list[str], data: st.DataObject) -> None:
    good = source(*enumerate(names))
    first, second = data.draw(st.permutations(range(len(names))))[:2]
    swapped = [*names]
    swapped[first], swapped[second] = names[second], names[first]
    assert disagreement(good, source(*enumerate(swapped), path="config.json")) != ""


@given(NAMES, st.data())
def test_a_left_out_label_is_found(names: list[str], data: st.DataObject) -> None:
    good = source(*enumerate(names))
    out = data.draw(st.sampled_from(good.pairs))
    bad = replace(good, pairs=tuple(pair for pair in good.pairs if pair != out))
    assert f"has no label for {out[0]}" in disagreement(good, bad)


def test_each_problem_is_said_with_its_labels() -> None:
    assert list(problems_of(source((1, "a"), (2, "b")))) == [
        "has 2 ids from 1 to 2, and none is 0; they must count from 0"
    ]
    assert list(problems_of(source((0, "a"), (0, "b")))) == ["gives the id 0 to 'a', 'b'"]
    assert list(problems_of(source((0, "a"), (1, "a")))) == ["has the label 'a' for the ids 0, 1"]
    assert list(problems_of(source((0, "a"), (1, "")))) == ["has an empty label"]
    assert list(problems_of(source())) == ["names no label"]


def test_labels_that_differ_only_in_case_or_spaces_are_doubted() -> None:
    assert list(doubts_of(source((0, "Good"), (1, "good ")))) == [
        "has 'Good' and 'good ', which differ only in spaces or upper and lower case"
    ]


def test_a_disagreement_names_the_first_id() -> None:
    one, other = source((0, "bad"), (1, "good")), source((0, "good"), (1, "bad"), path="config.json")
    assert disagreement(one, other) == "labels.json calls 0 'bad', and config.json calls 0 'good'"
    assert disagreement(one, source((0, "bad"), path="config.json")) == (
        "labels.json calls 1 'good', and config.json has no label for 1"
    )


def test_one_number_is_enough_for_two_labels() -> None:
    assert fits(Layer("m", "classifier", (1, 768), sure=True), 2)
    assert fits(Layer("m", "classifier", (3, 768), sure=True), 3)
    assert not fits(Layer("m", "classifier", (1, 768), sure=True), 3)


def test_output_layers_are_told_by_the_names_that_libraries_give() -> None:
    tensors: dict[str, tuple[str, tuple[int, ...]]] = {
        "classifier.weight": ("F32", (3, 8)),
        "roberta.classifier.out_proj.bias": ("F32", (3,)),
        "score.weight": ("F32", (3, 8)),
        "coef_": ("F64", (1, 4)),
        "attention.score.weight": ("F32", (8, 8)),
        "classifier.dense.weight": ("F32", (8, 8)),
        "pre_classifier.weight": ("F32", (8, 8)),
        "lm_head.weight": ("F32", (99, 8)),
    }
    onnx = FileFormat(Content.ONNX, outputs={"logits": (None, 3), "label": (None,)})
    layers = output_layers(Formats({"a": FileFormat(Content.SAFETENSORS, tensors=tensors), "b": onnx}))
    assert [(layer.name, layer.sure) for layer in layers] == [
        ("classifier", True),
        ("roberta.classifier.out_proj", True),
        ("score", True),
        ("coef_", True),
        ("logits", True),
    ]


def test_the_only_output_is_a_guess_and_one_of_several_is_none() -> None:
    def outputs(**named: tuple[int | None, ...]) -> list[tuple[str, bool]]:
        found = output_layers(Formats({"m": FileFormat(Content.ONNX, outputs=named)}))
        return [(layer.name, layer.sure) for layer in found]

    assert outputs(y=(None, 5)) == [("y", False)]
    assert outputs(y=(None, 5), z=(None, 4)) == []
    assert outputs(y=(None, None)) == []
