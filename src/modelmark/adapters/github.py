"""GitHub behind the ports of `usecases/forge_ports.py`: one repository, one token, and a part for each port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelmark.adapters.github_events import EventsOnGitHub
from modelmark.adapters.github_login import find_token
from modelmark.adapters.github_pulls import Pulls
from modelmark.adapters.github_rest import Rest
from modelmark.adapters.github_reviews import ReviewsOnGitHub
from modelmark.adapters.github_settings import SettingsOnGitHub
from modelmark.adapters.github_tags import Tags
from modelmark.adapters.github_threads import ThreadsOnGitHub

if TYPE_CHECKING:
    from modelmark.domain.forge import Repository


class GitHub:
    """One repository on GitHub, as one token sees it."""

    def __init__(self, repository: Repository, token: str) -> None:
        self.repository = repository
        rest = Rest(repository.site, token)
        self.pulls = Pulls(repository, rest)
        self.reviews = ReviewsOnGitHub(repository, rest)
        self.tags = Tags(repository, rest)
        self.events = EventsOnGitHub(repository, rest)
        self.threads = ThreadsOnGitHub(repository, rest)
        self.settings = SettingsOnGitHub(repository, rest)


def find_forge(repository: Repository, given: str | None) -> GitHub | None:
    """The repository with the token that speaks for us there; None where there is none.

    Raises:
        InvalidInput: what should be a token is none.
    """
    token = find_token(repository.site, given)
    return GitHub(repository, token) if token else None
