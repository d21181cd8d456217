"""What `modelmark init --github` adds: the workflows, who reviews, what GitHub protects, and a page that says what is next.

The templates have placeholders of two kinds: `%%name` within a line is a value, and `%%name` alone on a line is a block, which
is indented as it stands there, or goes with its line where there is none. All of it follows from registry.yaml.
"""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from modelmark.domain.codeowners import PLACE, block_of, with_block
from modelmark.domain.protection import profile_of, ruleset_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelmark.domain.policy import Policy

# Where each template goes.
TEMPLATES: Mapping[str, str] = {
    "registry-check.yml": ".github/workflows/registry-check.yml",
    "registry-comment.yml": ".github/workflows/registry-comment.yml",
    "registry-apply.yml": ".github/workflows/registry-apply.yml",
    "registry-tag.yml": ".github/workflows/registry-tag.yml",
    "registry-audit.yml": ".github/workflows/registry-audit.yml",
    "promotion.md": ".github/PULL_REQUEST_TEMPLATE/promotion.md",
    "dependabot.yml": ".github/dependabot.yml",
    "modelmark.txt": ".github/modelmark.txt",
    "README.md": "README.md",
}

# Somebody else's code, each by the commit that was looked at.
PINS: Mapping[str, str] = {
    "checkout": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "setup_python": "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "upload_artifact": "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1",
    "download_artifact": "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
    "app_token": "actions/create-github-app-token@bcd2ba49218906704ab6c1aa796996da409d3eb1 # v3.2.0",
    "aws": "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3",
    "google": "google-github-actions/auth@7c6bc770dae815cd3e89ee6cdf493a5fab2cc093 # v3.0.0",
}
PYTHON = "3.12"

_PLACEHOLDER = re.compile(r"%%(\w+)")
_BLOCK = re.compile(r"^( *)%%(\w+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Storage:
    """What a kind of storage asks of the workflows.

    Attributes:
        requirement: what pip must install beside Modelmark.
        login: the step that logs in without a stored key; empty where there is none.
        trust: what the README says of the other end of that login.
    """

    requirement: str = ""
    login: str = ""
    trust: str = ""


_AWS = f"""
- name: Log in to the storage, to read
  if: vars.MODELMARK_AWS_ROLE != '' && !github.event.pull_request.head.repo.fork
  uses: {PINS["aws"]}
  with:
    role-to-assume: ${{{{ vars.MODELMARK_AWS_ROLE }}}}
    aws-region: ${{{{ vars.MODELMARK_AWS_REGION }}}}
"""
_AWS_TRUST = """
## The storage

The workflows log in to AWS without a stored key, and only ever read. Make a role that may read the bucket (`s3:GetObject`, `s3:ListBucket`), and let it trust
GitHub's provider `token.actions.githubusercontent.com` with the audience `sts.amazonaws.com` and one of these subjects. Repositories made or renamed since
2026-07-15 send the second form, with the numbers that `gh api repos/OWNER/REPO --jq '.owner.id, .id'` prints:

```
"StringLike": {"token.actions.githubusercontent.com:sub": ["repo:OWNER/REPO:*"]}
"StringLike": {"token.actions.githubusercontent.com:sub": ["repo:OWNER@OWNER_ID/REPO@REPO_ID:*"]}
```

Then set two variables of the repository: `MODELMARK_AWS_ROLE` (the role's ARN) and `MODELMARK_AWS_REGION`. A pull request from a fork gets no login.
"""
_GOOGLE = f"""
- name: Log in to the storage, to read
  if: vars.MODELMARK_GCP_PROVIDER != '' && !github.event.pull_request.head.repo.fork
  uses: {PINS["google"]}
  with:
    workload_identity_provider: ${{{{ vars.MODELMARK_GCP_PROVIDER }}}}
    service_account: ${{{{ vars.MODELMARK_GCP_ACCOUNT }}}}
"""
_GOOGLE_TRUST = """
## The storage

The workflows log in to Google Cloud without a stored key, and only ever read. Make a workload identity provider for `https://token.actions.githubusercontent.com`
with one of these conditions, and a service account that may read the bucket (Storage Object Viewer). Repositories made or renamed since 2026-07-15 send the
second form, with the numbers that `gh api repos/OWNER/REPO --jq '.owner.id, .id'` prints:

```
assertion.sub.startsWith("repo:OWNER/REPO:")
assertion.sub.startsWith("repo:OWNER@OWNER_ID/REPO@REPO_ID:")
```

Then set two variables of the repository: `MODELMARK_GCP_PROVIDER` (the provider's full name) and `MODELMARK_GCP_ACCOUNT`. A pull request from a fork gets no login.
"""
_BY_HAND = """
## The storage

The workflows read the storage of registry.yaml, and nothing here logs them in to it: add a step before the command that asks it, in `registry-check.yml`,
`registry-apply.yml`, `registry-audit.yml` and the job `deploy` of `registry-tag.yml`. Give it a login that only reads.
"""
STORAGES: Mapping[str, Storage] = {
    "s3": Storage("dvc[s3]", _AWS, _AWS_TRUST),
    "gs": Storage("dvc[gs]", _GOOGLE, _GOOGLE_TRUST),
    "azure": Storage("dvc[azure]", trust=_BY_HAND),
    "oss": Storage("dvc[oss]", trust=_BY_HAND),
    "ssh": Storage("dvc[ssh]", trust=_BY_HAND),
    "webdavs": Storage("dvc[webdav]", trust=_BY_HAND),
}

_INSTALL = f"""
- name: Set up Python
  uses: {PINS["setup_python"]}
  with:
    python-version: "{PYTHON}"
- name: Install the tool that main asks for
  run: python -m pip install --quiet --disable-pip-version-check --requirement .github/modelmark.txt
"""
_APP = f"""
- name: Make a token of the registry's App, where there is one
  id: app
  if: vars.REGISTRY_APP_ID != ''
  uses: {PINS["app_token"]}
  with:
    app-id: ${{{{ vars.REGISTRY_APP_ID }}}}
    private-key: ${{{{ secrets.REGISTRY_APP_KEY }}}}
    permission-actions: write
    permission-contents: write
    permission-issues: write
    permission-members: read
    permission-pull-requests: write
    permission-statuses: write
"""


def github_files(policy: Policy, requirement: str) -> dict[str, bytes]:
    """The files by path.

    Args:
        policy: registry.yaml.
        requirement: what pip installs to have this Modelmark.
    """
    storage = STORAGES.get(policy.remotes[0].url.partition("://")[0], Storage())
    values = {
        **PINS,
        "name": policy.name,
        "repository": re.sub(r"[^A-Za-z0-9._-]+", "-", policy.name),
        "branch": json.dumps(policy.default_branch),
        "plain_branch": policy.default_branch,
    }
    blocks = {
        "requirements": "\n".join(filter(None, (requirement, storage.requirement))),
        "read_storage": "id-token: write # the login to the storage" if storage.login else "",
        "install": _INSTALL,
        "login": storage.login,
        "trust": storage.trust,
        "app": _APP,
        "token": _token("github.token"),
        "app_token": _token("steps.app.outputs.token || github.token"),
    }
    folder = resources.files(__package__) / "templates" / "github"
    texts = {
        path: _fill((folder / name).read_text(encoding="utf-8"), values, blocks)
        for name, path in TEMPLATES.items()
    }
    return {
        **{path: text.encode() for path, text in texts.items()},
        PLACE: with_block(b"", block_of(policy.owners, {})),
        **ruleset_files(profile_of(policy)),
    }


def _token(expression: str) -> str:
    """One token under the two names that `gh` and Modelmark read: the second is for a server of one's own."""
    return f"GH_TOKEN: ${{{{ {expression} }}}}\nGH_ENTERPRISE_TOKEN: ${{{{ {expression} }}}}"


def _fill(text: str, values: Mapping[str, str], blocks: Mapping[str, str]) -> str:
    whole = _BLOCK.sub(lambda found: _indented(blocks[found[2]], found[1]), text)
    return _PLACEHOLDER.sub(lambda found: values[found[1]], re.sub(r"\n{3,}", "\n\n", whole))


def _indented(block: str, by: str) -> str:
    text = block.strip("\n")
    return textwrap.indent(text, by) + "\n" if text else ""
