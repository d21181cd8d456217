"""From a review to the features of the model; pure functions, the same in training and in prediction."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

NEGATORS = frozenset({"not", "never", "no", "nothing", "without"})
_CONTRACTIONS = (("can't", "can not"), ("won't", "will not"), ("n't", " not"))
_CLAUSE_END = re.compile(r"[.,;:!?]+|\bbut\b|\balthough\b")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def clean(text: str, negation_scope: int = 0) -> str:
    """Return lower-case words with one space between them.

    With a `negation_scope` of k, up to k words after a negator in the same clause get the prefix `not_`.
    """
    lowered = text.lower().replace("’", "'")
    for short, long in _CONTRACTIONS:
        lowered = lowered.replace(short, long)
    words: list[str] = []
    for clause in _CLAUSE_END.split(lowered):
        words += _mark(_WORD.findall(clause), negation_scope)
    return " ".join(words)


def _mark(words: Sequence[str], scope: int) -> list[str]:
    marked: list[str] = []
    left = 0
    for word in words:
        if word in NEGATORS:
            left = scope
            marked.append(word)
        else:
            marked.append(f"not_{word}" if left > 0 else word)
            left -= 1
    return marked


def feature_ids(
    token_ids: Sequence[int], pairs: Mapping[tuple[int, int], int], vocab_size: int, unknown_id: int
) -> list[int]:
    """Return the sorted columns that are on: one a known token, one a known pair of neighbours.

    Tokens take the columns below `vocab_size`; the pair with index i takes column `vocab_size + i`.
    """
    columns = {token for token in token_ids if token != unknown_id}
    columns |= {vocab_size + pairs[pair] for pair in pairwise(token_ids) if pair in pairs}
    return sorted(columns)
