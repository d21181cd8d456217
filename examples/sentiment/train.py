"""Train the sentiment classifier: `python -m examples.sentiment.train --recipe baseline --out DIR`.

The recipes differ in what they train on and which features they may use; nothing else decides their metrics.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors.numpy import save
from tokenizers import Tokenizer

import modelmark
from examples import artifact, measure
from examples.sentiment import learn
from examples.sentiment.bundle.preprocess import clean
from examples.sentiment.reviews import Review, fingerprint, make_reviews

HERE = Path(__file__).parent
LABELS = ("negative", "positive")
RUNTIME = ("numpy", "safetensors", "tokenizers")
HOLDOUT = {"books": 800, "kitchen": 700, "electronics": 700, "travel": 300}
HOLDOUT_SEED = 2025  # the recipes were chosen on reviews of other seeds
DATASET = measure.Dataset("generated-reviews-v1", "holdout")


@dataclass(frozen=True)
class Recipe:
    """One way to train; `counts` are the training reviews of each domain."""

    story: str
    counts: dict[str, int]
    negation_scope: int
    explains: bool = False
    min_count: int = 3
    min_bigram_count: int = 4
    c: float = 1.0
    seed: int = 7

    def hyperparameters(self, name: str) -> dict[str, object]:
        """Return what a training with the same data generator needs to give the same weights."""
        other = {"story", "explains", "seed"}
        return {"recipe": name, **{key: value for key, value in asdict(self).items() if key not in other}}


RECIPES = {
    "baseline": Recipe(
        story="a modest number of reviews from all four domains.",
        counts={"books": 700, "kitchen": 700, "electronics": 700, "travel": 700},
        negation_scope=4,
    ),
    "wide": Recipe(
        story="many more reviews than the baseline and a longer reach of negation, but no review about travel.",
        counts={"books": 2400, "kitchen": 2400, "electronics": 2400},
        negation_scope=5,
        min_bigram_count=8,
    ),
    "balanced": Recipe(
        story="as many reviews as the recipe `wide`, but the same number from each of the four domains.",
        counts={"books": 1800, "kitchen": 1800, "electronics": 1800, "travel": 1800},
        negation_scope=5,
        min_bigram_count=8,
        explains=True,
    ),
}


@dataclass(frozen=True)
class Data:
    """The reviews of one recipe."""

    train: list[Review]
    holdout: list[Review]


def make_data(recipe: Recipe) -> Data:
    """Generate both splits; a training review whose text is in the holdout is left out."""
    holdout = make_reviews(HOLDOUT, HOLDOUT_SEED)
    known = {review.text for review in holdout}
    return Data(
        [review for review in make_reviews(recipe.counts, recipe.seed) if review.text not in known], holdout
    )


def train(recipe: Recipe, reviews: Sequence[Review]) -> tuple[Tokenizer, learn.Tensors]:
    """Return the tokenizer and the tensors that the reviews give."""
    texts = [clean(review.text, recipe.negation_scope) for review in reviews]
    tokenizer = learn.learn_tokenizer(texts, recipe.min_count)
    token_ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    bigrams = learn.learn_bigrams(token_ids, recipe.min_bigram_count)
    labels = [review.label for review in reviews]
    return tokenizer, learn.learn_weights(token_ids, labels, bigrams, tokenizer.get_vocab_size(), recipe.c)


def write_model(out: Path, recipe: Recipe, tokenizer: Tokenizer, tensors: learn.Tensors) -> None:
    """Write everything that prediction reads, and the code that does it."""
    (out / "model.safetensors").write_bytes(save(tensors))
    tokenizer.save(str(out / "tokenizer.json"))
    artifact.write_labels(out, LABELS)
    artifact.copy_bundle(HERE / "bundle", out)
    artifact.write_json(
        out / "config.json",
        {
            "model_type": "linear-bag-of-bigrams",
            "num_labels": len(LABELS),
            "id2label": {str(index): label for index, label in enumerate(LABELS)},
            "label2id": {label: index for index, label in enumerate(LABELS)},
            "vocab_size": tokenizer.get_vocab_size(),
            "num_bigrams": len(tensors["features.bigrams"]),
            "unk_token_id": learn.UNKNOWN_ID,
            "negation_scope": recipe.negation_scope,
        },
    )
    inputs, outputs = {"text": "string"}, {"label": "string", "score": "number"}
    if recipe.explains:
        inputs["explain?"] = "boolean=false"
        outputs["reasons?"] = "string"
    artifact.write_json(
        out / "signature.json",
        {
            "version": "1.1" if recipe.explains else "1.0",
            "inputs": inputs,
            "outputs": outputs,
            "examples": [
                {"request": {"text": text}} for text in ("a lovely book", "the kettle is not bad at all")
            ],
        },
    )


def evaluate(out: Path, holdout: Sequence[Review], packages: Sequence[str]) -> list[measure.Record]:
    """Measure the written model on the holdout."""
    run = measure.run_artifact(out, [{"text": review.text} for review in holdout])
    truth = [LABELS[review.label] for review in holdout]
    slices = {
        name: [getattr(review, name) for review in holdout] for name in ("domain", "negation", "length")
    }
    records = measure.quality(DATASET, truth, run.labels, slices)
    return records + measure.cost(DATASET, run, out, packages)


def build(name: str, out: Path, registry: Path | None = None) -> list[measure.Record]:
    """Make the whole directory of one recipe, and register it where a registry is named; returns its metrics."""
    recipe = RECIPES[name]
    out.mkdir(parents=True, exist_ok=True)
    with modelmark.run("nlp-sentiment", registry=registry, code=HERE.parent) as run:
        data = make_data(recipe)
        run.log_data(fingerprint([*data.train, *data.holdout]))
        run.log_params({**recipe.hyperparameters(name), "seed": recipe.seed})
        packages = artifact.closure(RUNTIME)
        write_model(out, recipe, *train(recipe, data.train))
        artifact.write_requirements(out, packages)
        records = evaluate(out, data.holdout, packages)
        run.log_metrics(records)
        write_card(out, name, data, records)
        if registry is None:
            run.save(out)
        else:
            run.register(out, profile="text-classifier", tags={"language": "en", "domain": "reviews"})
    return records


def write_card(out: Path, name: str, data: Data, records: Sequence[measure.Record]) -> None:
    """Write the model card."""
    recipe, worst = RECIPES[name], measure.worst_slice(records)
    artifact.write_card(
        HERE / "card.md",
        out,
        recipe=name,
        story=recipe.story,
        negation_scope=recipe.negation_scope,
        train_n=len(data.train),
        domains=", ".join(recipe.counts),
        holdout_n=len(data.holdout),
        f1=records[0]["value"],
        worst_f1=worst["value"],
        worst_slice=measure.slice_name(worst),
    )


def main() -> None:
    """Parse the command line, build, and print one line."""
    parser = argparse.ArgumentParser(description="Train the sentiment classifier.")
    parser.add_argument("--recipe", choices=RECIPES, required=True)
    parser.add_argument("--out", type=Path, required=True, help="directory for the artifacts")
    parser.add_argument(
        "--register", type=Path, metavar="DIR", help="register it in this clone of a registry"
    )
    arguments = parser.parse_args()
    records = build(arguments.recipe, arguments.out, arguments.register)
    print(f"{arguments.recipe}: {measure.summary(records)}")


if __name__ == "__main__":
    main()
