"""Files that have no place in a bundle at all: credentials of somebody, and parts of a Git repository."""

from __future__ import annotations

import re

from modelmark.domain.formats import Content

# What programs call the files in which they keep credentials; a first `_` or `dot_` stands for the dot.
_NAMES = re.compile(
    r"(.*/)?([._]|dot_)?(netrc|pypirc|npmrc|pgpass|git-credentials|dockercfg|boto|s3cfg|env(\.[a-z]+)?|htpasswd)"
    r"|(.*/)?id_(rsa|dsa|ecdsa|ed25519)"
    r"|(.*/)?[._]?(aws/(credentials|config)|docker/config\.json|kube/config|ssh/.*|gnupg/.*)"
    r"|(.*/)?(kubeconfig[^/]*|[^/]*\.(kdbx|ppk|p12|pfx|keystore|jks))",
    re.IGNORECASE,
)
# What such a file says, whatever it is called: each of the patterns is in it. None looks far ahead for another, so a
# hostile text keeps no search busy.
_CREDENTIALS: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...] = (
    ("a private key", (re.compile(r"^-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----", re.M),)),
    ("a netrc file", (re.compile(r"^[ \t]*(machine\s+\S+|default)\s+login\s+\S+\s+password\s+\S", re.M),)),
    (
        "a pypirc file",
        (re.compile(r"^\[(distutils|pypi|testpypi)\]", re.M), re.compile(r"^[ \t]*password[ \t]*[=:]", re.M)),
    ),
    ("AWS credentials", (re.compile(r"^[ \t]*aws_secret_access_key\s*=\s*\S", re.M | re.I),)),
    (
        "a kubeconfig",
        (
            re.compile(r"^kind:\s*Config\b", re.M),
            re.compile(r"^[ \t-]*(client-key-data|token)[ \t]*:[ \t]*\S", re.M),
        ),
    ),
    ("a Docker login", (re.compile(r'"auths"\s*:\s*\{'), re.compile(r'"auth"\s*:\s*"'))),
    ("a service account", (re.compile(r'"type"\s*:\s*"service_account"'),)),
    ("Git credentials", (re.compile(r"\Ahttps?://[^\s:/]+:[^\s@]+@\S+[ \t]*$", re.M),)),
)
_GIT = (
    re.compile(r"\Aref: refs/"),
    re.compile(r"\Agitdir: "),
    re.compile(r"\A# pack-refs with"),
    re.compile(r"\A# v[23] git bundle"),
    re.compile(r'^\[submodule "', re.M),
    re.compile(r"^\[core\]\s*\n(?:[^\[]*\n)?\s*repositoryformatversion", re.M),
)
# A Git object, once it is inflated.
_OBJECT = re.compile(rb"(blob|tree|commit|tag) \d{1,20}\0")


def misplaced(path: str, text: str | None) -> tuple[Content, str] | None:
    """Whether a file has no place in a bundle, with words that go on after its name; `text` is its beginning."""
    if _NAMES.fullmatch(path):
        return Content.CREDENTIALS, "is called as programs call the files in which they keep credentials"
    if text is None:
        return None
    for kind, patterns in _CREDENTIALS:
        if all(pattern.search(text) for pattern in patterns):
            return Content.CREDENTIALS, f"is {kind}"
    if any(pattern.search(text) for pattern in _GIT):
        return Content.GIT, "belongs to a Git repository, and a tool that meets it may run what it names"
    return None


def is_git_object(inflated: bytes) -> bool:
    """Whether what a zlib stream holds is an object of Git."""
    return _OBJECT.match(inflated) is not None
