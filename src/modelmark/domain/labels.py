"""Which labels a version says its outputs mean, at each place that says so, and whether that is one and the same."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from modelmark.domain.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from modelmark.domain.formats import Formats

T = TypeVar("T")


@dataclass(frozen=True)
class LabelSource:
    """One place that says which id means which label.

    Attributes:
        part: the key in the file, such as `id2label`; empty = the whole file.
        pairs: id and label as they stand there, also what stands there twice.
    """

    path: str
    part: str
    pairs: tuple[tuple[int, str], ...]

    @property
    def name(self) -> str:
        """What a message calls it."""
        return f"{self.part} in {self.path}" if self.part else self.path

    @property
    def count(self) -> int:
        """How many ids have a label."""
        return len(dict(self.pairs))


@dataclass(frozen=True)
class Labels:
    """All that a version says about labels.

    Attributes:
        counts: which config says which `num_labels`.
        broken: files that cannot be read or understood, and why.
    """

    sources: tuple[LabelSource, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    broken: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Layer:
    """A tensor or output that may hold a number for each label.

    Attributes:
        name: of the output, or of the tensors without `.weight` and `.bias`.
        widths: the numbers of labels that it may be for.
        sure: whether its name leaves no doubt.
    """

    path: str
    name: str
    widths: tuple[int, ...]
    sure: bool


def problems_of(source: LabelSource) -> Iterator[str]:
    """What is wrong with one source by itself, in words that go on after its name."""
    ids = [number for number, _ in source.pairs]
    labels = [label for _, label in source.pairs]
    if not ids:
        yield "names no label"
    for number in _twice(ids):
        both = ", ".join(shown(label, 40) for found, label in source.pairs if found == number)
        yield f"gives the id {number} to {both}"
    for label in _twice(labels):
        yield f"has the label {shown(label, 40)} for the ids {', '.join(str(found) for found, one in source.pairs if one == label)}"
    if any(not label.strip() for label in labels):
        yield "has an empty label"
    gaps = sorted(set(range(len(set(ids)))) - set(ids))
    if gaps:
        yield f"has {len(set(ids))} ids from {min(ids)} to {max(ids)}, and none is {gaps[0]}; they must count from 0"


def doubts_of(source: LabelSource) -> Iterator[str]:
    """What is odd about one source by itself: labels that readers will mix up."""
    folded: dict[str, str] = {}
    for label in dict.fromkeys(label for _, label in source.pairs):
        other = folded.setdefault(label.strip().casefold(), label)
        if other != label:
            yield f"has {shown(other, 40)} and {shown(label, 40)}, which differ only in spaces or upper and lower case"


def disagreement(first: LabelSource, second: LabelSource) -> str:
    """Where two sources give an id different labels, as a sentence; empty = nowhere."""
    one, other = dict(first.pairs), dict(second.pairs)
    for number in sorted({*one, *other}):
        if one.get(number) != other.get(number):
            words = (
                f"{source.name} {_says(labels, number)}" for source, labels in ((first, one), (second, other))
            )
            return ", and ".join(words)
    return ""


def _says(labels: Mapping[int, str], number: int) -> str:
    return f"calls {number} {shown(labels[number], 40)}" if number in labels else f"has no label for {number}"


def _twice(values: Iterable[T]) -> list[T]:
    return [value for value, count in Counter(values).items() if count > 1]


# The layer that classifies, as the common libraries name it: its tensors are what the labels must fit.
_LAYER = re.compile(
    r"((.*\.)?(classifier|(classifier|classification_head)\.out_proj)|((model|module)\.)?score|coef_?|intercept_?)"
    r"(\.(weight|bias))?"
)
_OUTPUT = re.compile(r"(.*[/.])?(logits|probabilit(y|ies)|output_probability|scores)", re.IGNORECASE)


def output_layers(formats: Formats) -> Iterator[Layer]:
    """Tensors and outputs of a version that may hold a number for each label.

    What a graph surely gives out is what counts of it: the tensors behind that are steps on the way.
    """
    for path, file in formats.files.items():
        outputs = list(_outputs(path, file.outputs))
        if not any(one.sure for one in outputs):
            for name, (_, shape) in file.tensors.items():
                if 0 < len(shape) <= 2 and _LAYER.fullmatch(name):
                    yield Layer(path, re.sub(r"\.(weight|bias)$", "", name), shape, sure=True)
        yield from outputs


def _outputs(path: str, outputs: Mapping[str, tuple[int | None, ...]]) -> Iterator[Layer]:
    fixed = [(name, sizes[-1]) for name, sizes in outputs.items() if len(sizes) > 1]
    for name, width in fixed:
        sure = bool(_OUTPUT.fullmatch(name))
        if width is not None and (sure or len(fixed) == 1):
            yield Layer(path, name, (width,), sure)


def fits(layer: Layer, labels: int) -> bool:
    """Whether a layer can be that of so many labels; one number is enough for two labels."""
    return labels in layer.widths or (labels == 2 and 1 in layer.widths)
