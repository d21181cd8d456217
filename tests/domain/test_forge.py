"""Which repository a remote is, by its address and what the environment says; what a pull request may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmark.domain.forge import (
    BODY,
    Opened,
    compare_url,
    find_repository,
    labels_of,
    pull_request,
    run_url,
)
from modelmark.domain.names import AliasName, ModelName

OWN = {"GH_HOST": "git.corp.example"}
LOCAL = {"GITHUB_SERVER_URL": "http://127.0.0.1:8000", "GITHUB_API_URL": "http://127.0.0.1:8000/api/v3"}


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/models",
        "https://github.com/acme/models.git",
        "https://github.com/acme/models.git/",
        "https://GitHub.com:443/acme/models",
        "https://www.github.com/acme/models",
        "https://user:secret@github.com/acme/models.git",
        "git@github.com:acme/models.git",
        "git@github.com:/acme/models",
        "github.com:acme/models.git",
        "org-1234@github.com:acme/models.git",
        "ssh://git@github.com/acme/models.git",
        "ssh://git@github.com:22/acme/models",
        "ssh://git@ssh.github.com:443/acme/models.git",
    ],
)
def test_every_way_to_write_a_repository_of_github_is_the_same_one(url: str) -> None:
    found = find_repository(url, {})
    assert found is not None
    assert (found.host, found.owner, found.name) == ("github.com", "acme", "models")
    assert (found.site.api, found.site.own) == ("https://api.github.com", False)
    assert found.pull_url(7) == "https://github.com/acme/models/pull/7"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "../hub.git",
        "/srv/github.com/acme/models.git",
        "file:///github.com/acme/models",
        "git://github.com/acme/models",
        "http://github.com/acme/models",
        "https://gitlab.com/acme/models",
        "https://github.com.evil.example/acme/models",
        "https://evil.example/github.com/acme/models",
        "https://github.com@evil.example/acme/models",
        "https://github.com/acme",
        "https://github.com/acme/models/tree/main",
        "https://github.com/acme/..",
        "https://github.com/acme/m%2Fdels",
        "https://github.com/-acme/models",
        "https://github.com:99999/acme/models",
        "https://[github.com/acme/models",
        "https://ghe.com/acme/models",
        "https://a.b.ghe.com/acme/models",
        "https://git.corp.example/acme/models",
        "http://127.0.0.1:8000/acme/models.git",
        "C:\\models\\hub",
        "memory:server",
    ],
)
def test_every_other_address_is_no_repository_of_a_forge(url: str) -> None:
    assert find_repository(url, {}) is None


def test_a_tenant_of_ghe_com_has_its_api_below_its_own_name() -> None:
    found = find_repository("git@acme.ghe.com:team/models.git", {})
    assert found is not None
    assert (found.site.web, found.site.api) == ("https://acme.ghe.com", "https://api.acme.ghe.com")
    assert not found.site.own


@pytest.mark.parametrize(
    "environ",
    [
        OWN,
        {"GH_HOST": "Git.Corp.Example/"},
        {"GITHUB_SERVER_URL": "https://git.corp.example"},
        {"GH_HOST": "github.com", "GITHUB_SERVER_URL": "https://git.corp.example/"},
    ],
)
@pytest.mark.parametrize(
    "url", ["https://git.corp.example/acme/models", "ssh://git@git.corp.example:2222/acme/models"]
)
def test_a_server_of_ones_own_is_one_that_the_environment_names(environ: dict[str, str], url: str) -> None:
    found = find_repository(url, environ)
    assert found is not None
    assert (found.site.api, found.site.own) == ("https://git.corp.example/api/v3", True)


def test_a_port_belongs_to_the_server() -> None:
    environ = {"GH_HOST": "git.corp.example:8443"}
    found = find_repository("https://git.corp.example:8443/acme/models", environ)
    assert found is not None
    assert found.web == "https://git.corp.example:8443/acme/models"
    by_ssh = find_repository("git@git.corp.example:acme/models", environ)
    assert by_ssh == found
    assert find_repository("https://git.corp.example/acme/models", environ) is None


@pytest.mark.parametrize(
    ("api", "asked"),
    [
        ("https://git.corp.example/api/v4", "https://git.corp.example/api/v4"),
        ("https://evil.example/api/v3", "https://git.corp.example/api/v3"),
        ("http://git.corp.example/api/v3", "https://git.corp.example/api/v3"),
        ("https://git.corp.example@evil.example/", "https://git.corp.example/api/v3"),
        ("https://eve:x@git.corp.example/api/v4", "https://git.corp.example/api/v3"),
        ("https://git.corp.example/api/v4?x=", "https://git.corp.example/api/v3"),
        ("https://api.github.com", "https://git.corp.example/api/v3"),
    ],
)
def test_the_address_of_the_api_counts_only_on_the_same_host(api: str, asked: str) -> None:
    found = find_repository("https://git.corp.example/acme/models", {**OWN, "GITHUB_API_URL": api})
    assert found is not None
    assert found.site.api == asked


def test_a_server_on_this_machine_needs_both_addresses_on_this_machine() -> None:
    url = "http://127.0.0.1:8000/acme/models.git"
    found = find_repository(url, LOCAL)
    assert found is not None
    assert (found.host, found.site.api) == ("127.0.0.1:8000", "http://127.0.0.1:8000/api/v3")
    assert found.site.own, "no token for github.com goes there"
    for wrong in (
        {},
        {**LOCAL, "GITHUB_API_URL": "http://api.example/"},
        {**LOCAL, "GITHUB_API_URL": ""},
        {**LOCAL, "GITHUB_SERVER_URL": "https://github.com"},
        {**LOCAL, "GITHUB_SERVER_URL": "http://127.0.0.1:8001"},
        {"GH_HOST": "127.0.0.1:8000"},
    ):
        assert find_repository(url, wrong) is None
    assert find_repository("https://127.0.0.1:8000/acme/models", {"GH_HOST": "127.0.0.1:8000"}) is None


@given(st.text(max_size=60), st.dictionaries(st.sampled_from(sorted({*OWN, *LOCAL})), st.text(max_size=40)))
def test_no_address_and_no_environment_breaks_it(url: str, environ: dict[str, str]) -> None:
    for one in (url, f"https://{url}", f"https://github.com/{url}", f"git@{url}"):
        find_repository(one, environ)


def test_labels_say_what_which_model_and_which_alias() -> None:
    found = labels_of("promotion", ModelName("churn"), AliasName("prod"))
    assert [one.name for one in found] == ["registry:promotion", "model:churn", "alias:prod"]
    assert [one.name for one in labels_of("archive", ModelName("churn"))] == [
        "registry:archive",
        "model:churn",
    ]


def test_the_label_of_a_long_name_is_short_enough_and_its_own() -> None:
    names = [labels_of("archive", ModelName("a" * 62 + end))[1].name for end in ("b", "c")]
    assert [len(name) for name in names] == [50, 50]
    assert names[0] != names[1]


def test_title_and_body_are_cut_to_what_a_forge_takes() -> None:
    asked = pull_request("b", "main", "long\n title " * 100, "x" * 70_000)
    assert len(asked.title) <= 256
    assert "\n" not in asked.title
    assert len(asked.body) == BODY
    assert asked.body.endswith("cut here: `modelmark check --format markdown` writes the whole page.\n")
    assert pull_request("b", "main", "t", "y" * BODY).body == "y" * BODY


def test_the_page_for_opening_by_hand_has_title_and_labels_encoded() -> None:
    repository = find_repository("git@github.com:acme/models", {})
    assert repository is not None
    labels = labels_of("promotion", ModelName("m"), AliasName("prod"))
    url = compare_url(
        repository, pull_request("promote/m-prod-2+gpu", "main", "A & B #1?", "body " * 9, labels)
    )
    assert url == (
        "https://github.com/acme/models/compare/main...promote/m-prod-2%2Bgpu?quick_pull=1"
        "&title=A%20%26%20B%20%231%3F&labels=registry%3Apromotion%2Cmodel%3Am%2Calias%3Aprod"
    )


def test_line_ends_of_a_browser_are_no_other_body() -> None:
    asked = pull_request("b", "main", "t", "one\ntwo\n")
    assert Opened(1, "t", "one\r\ntwo").says(asked)
    assert not Opened(1, "t", "one\r\nthree").says(asked)
    assert not Opened(1, "u", "one\ntwo\n").says(asked)


@pytest.mark.parametrize("number", ["", "x", "1/../2", "1\n", "١"])
def test_the_page_of_a_run_is_known_where_the_runner_says_its_number(number: str) -> None:
    repository = find_repository("git@github.com:acme/models", {})
    assert repository is not None
    page = "https://github.com/acme/models/actions/runs/77"
    assert run_url(repository, {"GITHUB_RUN_ID": "77"}) == page
    assert run_url(repository, {"GITHUB_RUN_ID": number}) == run_url(repository, {}) == ""
