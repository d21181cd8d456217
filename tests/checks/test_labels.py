"""Labels mean the same everywhere in a version, and fit its output layer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelmark.checks.labels import check
from modelmark.domain.formats import Content, FileFormat, Formats
from modelmark.domain.labels import Labels, LabelSource
from modelmark.domain.policy import Card
from modelmark.errors import CouldNot
from tests.support.candidates import MANIFEST, asking, policy
from tests.support.domain import MODEL

GOOD = LabelSource("labels.json", "", ((0, "bad"), (1, "good")))
AGREES = LabelSource("config.json", "id2label", ((1, "good"), (0, "bad")))


def layer(**tensors: tuple[int, ...]) -> Formats:
    named = {name.replace("__", "."): ("F32", shape) for name, shape in tensors.items()}
    return Formats({"model.safetensors": FileFormat(Content.SAFETENSORS, tensors=named)})


def said(labels: Labels, formats: Formats | None = None) -> list[str]:
    return [f"{one.level} {one.message}" for one in check(asking("labels", labels, formats or Formats({})))]


def errors(labels: Labels, formats: Formats | None = None) -> list[str]:
    return [one for one in said(labels, formats) if one.startswith("error")]


def test_what_agrees_and_fits_is_a_note_with_its_figures() -> None:
    labels = Labels((GOOD, AGREES), (("config.json", 2),))
    assert said(labels, layer(classifier__weight=(2, 8), classifier__bias=(2,))) == [
        "note labels are named at 3 places; fit 'classifier' in model.safetensors"
    ]


def test_without_a_layer_to_compare_with_the_note_says_so() -> None:
    assert said(Labels((GOOD,))) == [
        "note labels are named at 1 place; no output layer was found to compare them with"
    ]


def test_two_sources_that_disagree_are_an_error() -> None:
    swapped = replace(AGREES, pairs=((0, "good"), (1, "bad")))
    assert errors(Labels((GOOD, swapped))) == [
        "error labels.json calls 0 'bad', and id2label in config.json calls 0 'good'; one of them is wrong"
    ]


def test_sources_of_two_folders_may_be_of_two_models() -> None:
    other = LabelSource("topic/labels.json", "", ((0, "books"),))
    assert errors(Labels((GOOD, other))) == []
    assert said(Labels((GOOD, other)))[0].startswith("warning labels.json calls 0 'bad'")


def test_a_bad_source_is_named_with_what_breaks() -> None:
    twice = replace(GOOD, pairs=((0, "bad"), (0, "good")))
    assert errors(Labels((twice,))) == [
        "error labels.json gives the id 0 to 'bad', 'good'; with it the model answers with wrong names"
    ]


def test_labels_that_look_alike_are_a_warning() -> None:
    assert said(Labels((replace(GOOD, pairs=((0, "A"), (1, "a"))),)))[0].startswith(
        "warning labels.json has 'A'"
    )


def test_num_labels_must_be_their_number() -> None:
    assert errors(Labels((GOOD,), (("config.json", 3),))) == [
        "error num_labels in config.json is 3, and labels.json names 2"
    ]


def test_a_layer_of_another_size_is_an_error_at_its_file() -> None:
    formats = layer(classifier__weight=(3, 8), classifier__bias=(3,))
    assert errors(Labels((GOOD,)), formats) == [
        "error labels.json gives 2 labels, and the layer 'classifier' in model.safetensors has the shape 3 x 8, 3"
    ]
    assert next(check(asking("labels", Labels((GOOD,)), formats))).about == "1: model.safetensors"


@pytest.mark.parametrize(
    "formats",
    [
        layer(classifier__weight=(1, 8), classifier__bias=(1,)),
        layer(coef_=(1, 30), intercept_=(1,)),
        layer(classifier__kernel=(9, 9)),
        layer(lm_head__weight=(9, 8)),
        layer(intent__classifier__weight=(5, 8), slot__classifier__weight=(2, 8)),
        layer(intent__classifier__weight=(5, 8), slot__classifier__weight=(4, 8)),
        Formats({"m.onnx": FileFormat(Content.ONNX, outputs={"y": (None, 5)})}),
        Formats({"m.onnx": FileFormat(Content.ONNX, outputs={"logits": (None, 2)})}),
    ],
)
def test_a_layer_that_may_fit_or_may_be_another_never_fails(formats: Formats) -> None:
    assert errors(Labels((GOOD,)), formats) == []


def test_a_layer_that_is_not_certain_is_said() -> None:
    formats = Formats({"m.onnx": FileFormat(Content.ONNX, outputs={"y": (None, 5)})})
    assert said(Labels((GOOD,)), formats)[0] == (
        "note it is not certain which layer in m.onnx labels.json belongs to, and none found has 2 outputs"
    )


def test_an_onnx_output_of_another_size_is_an_error() -> None:
    formats = Formats({"m.onnx": FileFormat(Content.ONNX, outputs={"logits": (None, 5)})})
    assert "the layer 'logits' in m.onnx has the shape 5" in errors(Labels((GOOD,)), formats)[0]


def test_each_layer_is_compared_with_the_labels_of_its_folder() -> None:
    other = LabelSource("topic/labels.json", "", ((0, "a"), (1, "b"), (2, "c")))
    tensors = {"classifier.weight": ("F32", (3, 8))}
    formats = Formats({"topic/model.safetensors": FileFormat(Content.SAFETENSORS, tensors=tensors)})
    assert errors(Labels((GOOD, other)), formats) == []


def test_a_hidden_size_that_happens_to_fit_is_no_excuse() -> None:
    assert len(errors(Labels((GOOD,)), layer(classifier__weight=(3, 2), classifier__bias=(3,)))) == 1


def test_num_labels_alone_is_compared_with_the_layer() -> None:
    labels = Labels(counts=(("config.json", 4),))
    assert errors(labels, layer(score__weight=(4, 8))) == []
    assert "num_labels in config.json gives 4 labels" in errors(labels, layer(score__weight=(5, 8)))[0]


def test_a_file_that_cannot_be_read_is_an_error_that_a_waiver_can_name() -> None:
    found = list(
        check(asking("labels", Labels(broken=(("labels.json", "labels.json is not JSON"),)), Formats({})))
    )
    assert [(one.level.value, one.path, one.about) for one in found] == [
        ("error", MANIFEST, "1: labels.json")
    ]


def test_no_labels_is_a_note_unless_the_profile_requires_them() -> None:
    assert said(Labels()) == ["note no labels, nothing to check"]
    rules = replace(policy(), profiles={"text": ("labels",)})
    value = replace(
        asking("labels", Labels(), Formats({}), rules=rules), cards={MODEL: Card(MODEL, profile="text")}
    )
    assert [one.message for one in check(value)] == [
        "the profile text requires labels, and no file names any"
    ]


def test_labels_nobody_could_look_at_never_pass() -> None:
    with pytest.raises(CouldNot):
        list(check(asking("labels")))


def test_what_a_graph_gives_out_decides_before_the_tensors_behind_it() -> None:
    tensors = {"classifier.weight": ("FLOAT", (3, 8)), "classifier.bias": ("FLOAT", (3,))}
    graph = FileFormat(Content.ONNX, tensors=tensors, outputs={"logits": (None, 3)})
    (only,) = errors(Labels((GOOD,)), Formats({"model.onnx": graph}))
    assert "labels.json gives 2 labels, and the layer 'logits' in model.onnx has the shape 3" in only
