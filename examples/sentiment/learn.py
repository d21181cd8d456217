"""Learn vocabulary and weights from cleaned texts; what the features are is decided by bundle/preprocess.py."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from examples.sentiment.bundle.preprocess import feature_ids

UNKNOWN = "[UNK]"
UNKNOWN_ID = 0

Tensors = dict[str, NDArray[np.generic]]


def learn_tokenizer(texts: Sequence[str], min_count: int) -> Tokenizer:
    """Return a tokenizer of the words seen at least `min_count` times, most frequent first."""
    counts = Counter(word for text in texts for word in text.split())
    words = sorted(
        (word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word)
    )
    vocabulary = {word: index for index, word in enumerate([UNKNOWN, *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.add_special_tokens([UNKNOWN])
    return tokenizer


def learn_bigrams(token_ids: Sequence[Sequence[int]], min_count: int) -> NDArray[np.int32]:
    """Return the pairs of neighbouring known tokens seen at least `min_count` times, as [pairs, 2]."""
    counts = Counter(pair for ids in token_ids for pair in pairwise(ids) if UNKNOWN_ID not in pair)
    pairs = sorted(pair for pair in counts if counts[pair] >= min_count)
    return np.array(pairs, dtype=np.int32).reshape(-1, 2)


def learn_weights(
    token_ids: Sequence[Sequence[int]],
    labels: Sequence[int],
    bigrams: NDArray[np.int32],
    vocab_size: int,
    c: float,
) -> Tensors:
    """Fit a logistic regression and return the tensors of the model, one row of weights for each label.

    Weights are rounded to three digits: smaller files, and the same bytes whatever order a CPU adds in.
    """
    pairs = {(first, second): index for index, (first, second) in enumerate(bigrams.tolist())}
    columns = [feature_ids(ids, pairs, vocab_size, UNKNOWN_ID) for ids in token_ids]
    width = vocab_size + len(bigrams)
    encoder = CountVectorizer(
        analyzer=list, binary=True, vocabulary={column: column for column in range(width)}
    )
    model = LogisticRegression(C=c, max_iter=500, tol=1e-5).fit(encoder.transform(columns), labels)
    half = np.round(model.coef_[0] / 2, 3).astype(np.float32)
    bias = np.round(model.intercept_[0] / 2, 3).astype(np.float32)
    return {
        "classifier.weight": np.stack([-half, half]) + np.float32(0),  # no negative zeros
        "classifier.bias": np.array([-bias, bias], dtype=np.float32),
        "features.bigrams": bigrams,
    }
