"""From the outputs of the model to an answer; pure functions, the same in training and in prediction."""

import math
from collections.abc import Mapping, Sequence


def probabilities(logits: Sequence[float]) -> list[float]:
    """Return the softmax of the logits."""
    top = max(logits)
    powers = [math.exp(value - top) for value in logits]
    total = sum(powers)
    return [power / total for power in powers]


def answer(logits: Sequence[float], labels: Mapping[int, str]) -> dict[str, object]:
    """Return the most probable label and its probability, rounded to four digits."""
    if len(logits) != len(labels):
        raise ValueError(f"the model has {len(logits)} outputs, the label map {len(labels)} labels")
    scores = probabilities(logits)
    best = scores.index(max(scores))
    return {"label": labels[best], "score": round(scores[best], 4)}
