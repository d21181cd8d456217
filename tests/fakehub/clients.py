"""The real client on fakehub, and what it raises."""

from __future__ import annotations

import pytest

from modelmark.adapters.github import GitHub
from modelmark.adapters.github_pulls import Pulls
from modelmark.domain.forge import find_repository, pull_request
from modelmark.errors import ModelmarkError
from tests.fakehub.server import Hub

SECRET = "ghp_s3cret0fAda"
ASKED = pull_request("promote/m-prod-1", "main", "Promote", "Page.\n")


def forge(hub: Hub, name: str = "acme/models", token: str = SECRET) -> Pulls:
    repository = find_repository(f"{hub.address}/{name}.git", hub.environ)
    assert repository is not None
    return GitHub(repository, token).pulls


def failure(hub: Hub, token: str = SECRET, name: str = "acme/models") -> ModelmarkError:
    with pytest.raises(ModelmarkError) as caught:
        forge(hub, name, token).open(ASKED)
    said = caught.value.message + caught.value.hint + repr(caught.value) + str(caught.value.__cause__)
    assert token not in said
    assert caught.value.hint
    return caught.value
