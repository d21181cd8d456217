from __future__ import annotations

import pytest

from modelmark.adapters.yaml_files import YamlFiles
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.policy import AliasRule, AnyOf, Criterion, Gate, Policy, Remote, Stage, Way
from modelmark.errors import InvalidInput
from modelmark.scaffold import Choices, scaffold_files
from modelmark.usecases.ports import Documents

FILES: Documents = YamlFiles()
MODEL = ModelName("nlp-sentiment")
PROD, CANARY = AliasName("prod"), AliasName("canary")
REGISTRY = "registry: {id: 6f0c, name: acme-models, default_branch: main}\nstorage: {remotes: [{name: store, url: 's3://acme'}]}\n"


def policy(text: str) -> Policy:
    return FILES.policy(text.encode(), "registry.yaml")


def policy_refusal(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        policy(REGISTRY + text)
    assert caught.value.path == "registry.yaml"
    return caught.value


def written_by_init(name: str = "acme") -> Policy:
    choices = Choices(name, "main", "store", "s3://acme-models", Way.PULL_REQUEST)
    return FILES.policy(scaffold_files(choices)["registry.yaml"], "registry.yaml")


def test_a_registry_has_owners_where_it_names_them() -> None:
    named = REGISTRY.replace("main}", "main, owners: ['@acme/platform', ada@example.org]}")
    assert policy(named).owners == ("@acme/platform", "ada@example.org")
    assert policy(REGISTRY).owners == written_by_init().owners == ()


def test_the_policy_that_init_writes_is_read() -> None:
    found = written_by_init()
    assert (found.name, found.default_branch, found.promotion) == ("acme", "main", Way.PULL_REQUEST)
    assert found.remotes == (Remote("store", "s3://acme-models"),)
    assert found.aliases[PROD] == AliasRule(
        Stage.PRODUCTION, "production", (CANARY,), 0, 1, AliasName("prev_prod"), Way.DIRECT
    )
    assert found.aliases[AliasName("prev_prod")] == AliasRule()
    assert found.previous_aliases() == {"prev_prod"}
    assert list(found.aliases) == ["staging", "shadow", "canary", "prod", "prev_prod"]
    assert found.gates["production"].criteria[:4] == (
        Criterion("f1", min=0.9),
        Criterion("f1", min=0.8, over="worst-slice"),
        Criterion("f1", against="current", max_drop=0.02, bound="lower"),
        AnyOf(
            (
                Criterion("latency_p95_ms", max=60, where={"device": "cpu"}),
                Criterion("latency_p95_ms", max=20, where={"device": "gpu"}),
            )
        ),
    )
    assert set(found.profiles) == {
        "text-classifier", "token-classifier", "embedding", "tabular", "llm-config", "generic"
    }  # fmt: skip


def test_a_registry_may_have_any_name_of_one_line() -> None:
    assert written_by_init(name='acme: "models" \\ — no #1').name == 'acme: "models" \\ — no #1'


def test_a_policy_may_be_short() -> None:
    assert policy(REGISTRY) == Policy(
        "6f0c", "acme-models", "main", Way.PULL_REQUEST, (Remote("store", "s3://acme"),), {}, {}, {}
    )
    assert policy(REGISTRY + "gates: {empty: {}}\n").gates == {"empty": Gate()}


def test_an_alias_that_previous_as_names_keeps_the_rule_it_has() -> None:
    found = policy(REGISTRY + "aliases:\n  prod: {previous_as: old}\n  old: {stage: staging}\n")
    assert found.aliases[AliasName("old")] == AliasRule(stage=Stage.STAGING)


@pytest.mark.parametrize(
    ("text", "line", "says", "hint"),
    [
        ("promotoin: direct\n", 3, "the key 'promotoin' is unknown here", "did you mean promotion?"),
        ("checks: []\n", 3, "'checks' is unknown", "known: registry, promotion, storage"),
        ("promotion: yes\n", 3, "promotion must be one of pull-request, direct, not 'yes'", ""),
        ("aliases:\n  prod:\n    stage: prodution\n", 5, "aliases.prod.stage must be one of", "did you mean production?"),
        ("aliases:\n  prod:\n    stage: archived\n", 5, "aliases.prod.stage must be one of", ""),
        ("aliases:\n  prod: {gate: x}\n", 4, "aliases.prod.gate: there is no gate 'x'", "add it under gates"),
        ("aliases:\n  prod: {gate: prd}\ngates: {prod: {}}\n", 4, "no gate 'prd'", "did you mean prod?"),
        ("aliases:\n  a: {}\n  prod:\n    after:\n      - a\n      - b\n", 8, "aliases.prod.after[1]: there is no alias 'b'", ""),
        ("aliases:\n  prod: {after: [prod]}\n", 4, "an alias cannot come after itself", ""),
        ("aliases:\n  prod: {after: canary}\n", 4, "aliases.prod.after must be a list, not the text 'canary'", ""),
        ("aliases:\n  a: {}\n  prod:\n    after: [a]\n    soak_hours: -1\n", 7, "must be a number of 0 or more, not '-1'", ""),
        ("aliases:\n  prod: {soak_hours: 24}\n", 4, "soak_hours counts the time", "add after"),
        ("aliases:\n  prod: {approvals: 1.5}\n", 4, "must be a whole number of 0 or more, not '1.5'", ""),
        ("aliases:\n  prod: {previous_as: prod}\n", 4, "prod cannot leave its version to itself", ""),
        ("aliases:\n  a: {previous_as: x}\n  b: {previous_as: x}\n", 5, "b cannot leave its version to x, which belongs to a", ""),
        ("aliases:\n  Prod: {}\n", 4, "'Prod' is not an alias name", ""),
        ("aliases:\n  v2: {}\n", 4, "'v2' cannot be an alias", ""),
        ("aliases:\n  prod:\n", 4, "aliases.prod must be a mapping, not empty", ""),
        ("gates:\n  g: {checks: [scam]}\n", 4, "gates.g.checks[0] must be one of", "did you mean scan?"),
        ("gates:\n  g:\n    criteria:\n      - {metric: f1}\n", 6, "gates.g.criteria[0]: the criterion has no limit", ""),
        ("gates:\n  g: {criteria: [{metric: f1, against: current}]}\n", 4, "the criterion has no limit", ""),
        ("gates:\n  g: {criteria: [{metric: f1, min: 1, against: current}]}\n", 4, "needs a limit of the difference", ""),
        ("gates:\n  g: {criteria: [{metric: f1, max_drop: 1}]}\n", 4, "compare with something", "add against: current"),
        ("gates:\n  g: {criteria: [{min: 1}]}\n", 4, "the key 'metric' is missing", ""),
        ("gates:\n  g: {criteria: [{metric: f1, min: 2, max: 1}]}\n", 4, "nothing can pass", ""),
        ("gates:\n  g: {criteria: [{metric: f1, min: .9}]}\n", 4, "'.9' is not a number", "0.5"),
        ("gates:\n  g: {criteria: [{metric: f1, min: nan}]}\n", 4, "'nan' is not a number", ""),
        ("gates:\n  g: {criteria: [{metric: f1, min: 1e999}]}\n", 4, "too large", ""),
        ("gates:\n  g: {criteria: [{metric: f1, min: 1" + "0" * 250 + "00000000000000000000000000000000000000000000000000000000000000]}]}\n", 4, "", ""),
        ("gates:\n  g: {criteria: [{any: []}]}\n", 4, "at least one entry", ""),
        ("gates:\n  g: {criteria: [{any: [{any: [{metric: f1, min: 1}]}]}]}\n", 4, "any may not stand within any", ""),
        ("gates:\n  g: {criteria: [{any: [{metric: f1, min: 1}], where: {a: b}}]}\n", 4, "where cannot stand beside any", ""),
        ("gates:\n  g: {criteria: [{metric: f1, min: 1, over: all}]}\n", 4, "must be one of overall, worst-slice", ""),
        ("gates:\n  g: {criteria: [{metric: f1, min: 1, where: {a: [b]}}]}\n", 4, "where.a must be text, not a list", ""),
        ("profiles:\n  p:\n    requires:\n", 5, "profiles.p.requires must be a list, not empty", ""),
        ("profiles:\n  p: {}\n", 4, "profiles.p: the key 'requires' is missing", ""),
    ],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused_with_its_line(
    text: str, line: int, says: str, hint: str
) -> None:
    error = policy_refusal(text)
    assert says in error.message
    assert hint in error.hint
    assert error.line == line


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: 6f0c", "id: 6F0C", "registry.id must be 1 to 64 lower-case letters"),
        ("id: 6f0c, ", "", "registry: the key 'id' is missing"),
        (
            "default_branch: main",
            "default_branch: -x",
            "registry.default_branch must be the name of a branch",
        ),
        ("default_branch: main", "default_branch: a b", "registry.default_branch"),
        ("default_branch: main", "default_branch: a..b", "registry.default_branch"),
        ("default_branch: main", 'default_branch: "a\\n"', "registry.default_branch"),
        ("name: acme-models", 'name: "a\\nb"', "registry.name must be one line"),
        ("name: acme-models", 'name: ""', "registry.name must be one line"),
        (
            "remotes: [{name: store, url: 's3://acme'}]",
            "remotes: []",
            "storage.remotes must name at least one remote",
        ),
        (
            "'s3://acme'}",
            "'s3://acme'}, {name: store, url: /x}",
            "storage.remotes[1]: there are two remotes store",
        ),
        ("s3://acme", "https://me:secret@acme", "the address holds a password"),
        ("s3://acme", "--upload-pack=x", "storage.remotes[0].url must be an address"),
    ],
)
def test_a_registry_without_sound_identity_or_storage_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        policy(REGISTRY.replace(old, new))
    assert says in caught.value.message
    assert caught.value.line


def test_the_first_problem_of_a_file_is_the_one_that_is_told() -> None:
    assert policy_refusal("aliases:\n  a: {stage: x}\n  b: {stage: y}\ngates: 1\n").line == 4
