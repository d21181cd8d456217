"""Where people review: which repository of a forge a remote is, and what a pull request says.

GitHub is a *site*: github.com, a subdomain of ghe.com, or a server of one's own. A server is only taken for one where
the environment names it, so a token never goes to a host that a remote's address alone brings in.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from urllib.parse import SplitResult

    from modelmark.domain.names import AliasName, ModelName

BODY = 60_000
"""Characters of a body; GitHub refuses more than 65,536."""
_TITLE = 250
_LABEL = 50  # GitHub refuses longer names of labels

_CUT = "\n\n… cut here: `modelmark check --format markdown` writes the whole page.\n"
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_SCP = re.compile(r"(?:[^@/:\s]+@)?([A-Za-z0-9.-]+):(?!//)(.+)")
_TENANT = re.compile(r"[a-z0-9-]+\.ghe\.com")
_DOTCOM = "github.com"
_SAME = {"www.github.com": _DOTCOM, "ssh.github.com": _DOTCOM}
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Site:
    """One GitHub.

    Attributes:
        host: its name, with a port where its pages have one.
        web: address of its pages.
        api: address of its REST API.
        own: a server of one's own, whose tokens are not those of github.com.
    """

    host: str
    web: str
    api: str
    own: bool


@dataclass(frozen=True)
class Repository:
    """A repository of a site."""

    site: Site
    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def host(self) -> str:
        """The site's host."""
        return self.site.host

    @property
    def web(self) -> str:
        """Address of its page."""
        return f"{self.site.web}/{self}"

    def pull_url(self, number: int) -> str:
        """Address of a pull request."""
        return f"{self.web}/pull/{number}"

    def issue_url(self, number: int) -> str:
        """Address of an issue."""
        return f"{self.web}/issues/{number}"


@dataclass(frozen=True)
class Label:
    """A label, and how it looks where it has to be made: a colour in hex, and what it is for."""

    name: str
    color: str
    about: str


@dataclass(frozen=True)
class PullRequest:
    """What a pull request should be; the branch and its base decide which one it is."""

    branch: str
    base: str
    title: str
    body: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A pull request that is open, as the forge has it."""

    number: int
    title: str
    body: str
    labels: frozenset[str] = frozenset()

    def says(self, asked: PullRequest) -> bool:
        """Whether its title and body are the ones asked for; forges change line ends, and drop blank ones at the end."""
        return self.title == asked.title and _plain(self.body) == _plain(asked.body)


def pull_request(
    branch: str, base: str, title: str, body: str, labels: tuple[Label, ...] = ()
) -> PullRequest:
    """A pull request that a forge takes: title and body within its limits."""
    fits = body if len(body) <= BODY else body[: BODY - len(_CUT)] + _CUT
    line = " ".join(title.split())
    return PullRequest(branch, base, line if len(line) <= _TITLE else line[: _TITLE - 1] + "…", fits, labels)


def labels_of(kind: str, model: ModelName, alias: AliasName | None = None) -> tuple[Label, ...]:
    """The labels of a change: what it is, of which model, and for which alias."""
    found = [
        Label(f"registry:{kind}", "1d76db", f"Model registry: {kind}"),
        Label(_short(f"model:{model}"), "c5def5", f"The model {model}"),
    ]
    if alias is not None:
        found.append(Label(f"alias:{alias}", "fbca04", f"The alias {alias}"))
    return tuple(found)


def _short(name: str) -> str:
    """A label's name within the limit; two long names stay two labels."""
    if len(name) <= _LABEL:
        return name
    mark = f"~{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return name[: _LABEL - len(mark)] + mark


def compare_url(repository: Repository, asked: PullRequest) -> str:
    """The page on which a person opens the pull request by hand; without the body, which would make no address."""
    fields = {"quick_pull": "1", "title": asked.title, "labels": ",".join(one.name for one in asked.labels)}
    given = urlencode({key: value for key, value in fields.items() if value}, quote_via=quote)
    return f"{repository.web}/compare/{quote(asked.base)}...{quote(asked.branch)}?{given}"


def find_repository(url: str, environ: Mapping[str, str]) -> Repository | None:
    """The repository on GitHub that a remote's address means; None for every other address.

    Args:
        url: https, ssh, or `git@host:owner/name`.
        environ: GH_HOST and GITHUB_SERVER_URL name servers of one's own; GITHUB_API_URL says where its API is.
    """
    parts = _split(url)
    if parts is None:
        return None
    try:
        site = _site(parts, environ)
    except ValueError:  # a port that is none
        return None
    owner, _, name = parts.path.strip("/").partition("/")
    name = name.removesuffix(".git")
    if site is None or not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name):
        return None
    return Repository(site, owner, name)


def run_url(repository: Repository, environ: Mapping[str, str]) -> str:
    """The page of the workflow run that we are in; empty outside of one."""
    number = environ.get("GITHUB_RUN_ID", "")
    return f"{repository.web}/actions/runs/{number}" if re.fullmatch("[0-9]{1,20}", number) else ""


def _split(url: str) -> SplitResult | None:
    scp = _SCP.fullmatch(url) if "://" not in url else None
    try:
        return urlsplit(f"ssh://{scp[1]}/{scp[2].lstrip('/')}" if scp else url)
    except ValueError:
        return None


def _site(parts: SplitResult, environ: Mapping[str, str]) -> Site | None:
    host = (parts.hostname or "").lower()
    host = _SAME.get(host, host)
    if parts.scheme == "http" and host in _LOOPBACK:
        return _loopback_site(parts, environ)
    if parts.scheme not in ("https", "ssh") or host in _LOOPBACK:
        return None
    at_home = parts.scheme == "ssh" or parts.port in (None, 443)
    if at_home and (host == _DOTCOM or _TENANT.fullmatch(host)):
        return _with_api(Site(host, f"https://{host}", f"https://api.{host}", own=False), environ)
    for named in _own_hosts(environ):
        if named == _authority(parts) or (parts.scheme == "ssh" and named.partition(":")[0] == host):
            site = Site(named, f"https://{named}", f"https://{named}/api/v3", own=True)
            return _with_api(site, environ)
    return None


def _own_hosts(environ: Mapping[str, str]) -> Iterator[str]:
    """Hosts that the environment names as servers of one's own."""
    if environ.get("GH_HOST"):
        yield _authority(urlsplit(f"https://{environ['GH_HOST'].removeprefix('https://').rstrip('/')}"))
    server = urlsplit(environ.get("GITHUB_SERVER_URL", ""))
    if server.scheme == "https":
        yield _authority(server)


def _with_api(site: Site, environ: Mapping[str, str]) -> Site:
    """GITHUB_API_URL is what a runner says of its own site; it counts where it stays on the host that we would ask."""
    asked = environ.get("GITHUB_API_URL", "").rstrip("/")
    found = urlsplit(asked)
    if found.scheme == "https" and _authority(found) == _authority(urlsplit(site.api)) and _bare(found):
        return Site(site.host, site.web, asked, site.own)
    return site


def _loopback_site(parts: SplitResult, environ: Mapping[str, str]) -> Site | None:
    """A server on this machine, where the environment names its pages and its API, and both are on this machine."""
    server = urlsplit(environ.get("GITHUB_SERVER_URL", "").rstrip("/"))
    api = urlsplit(environ.get("GITHUB_API_URL", "").rstrip("/"))
    named = all(one.scheme == "http" and one.hostname in _LOOPBACK and _bare(one) for one in (server, api))
    if not named or _authority(server) != _authority(parts):
        return None
    return Site(_authority(parts), f"http://{_authority(parts)}", api.geturl(), own=True)


def _bare(parts: SplitResult) -> bool:
    return not (parts.query or parts.fragment or parts.username or parts.password)


def _authority(parts: SplitResult) -> str:
    """Host and port, without the port that the scheme has anyway."""
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
