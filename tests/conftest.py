"""Every test runs as a user without a configuration of Git, DVC or Python tools, whoever starts it from wherever."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Machines are shared: how long an example takes to make says nothing about it.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

_OF_GIT = ("GIT_", "DVC_", "EMAIL")


@pytest.fixture(scope="session", autouse=True)
def _nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty home, and none of the variables that a Git hook or a CI job may have set."""
    home = tmp_path_factory.mktemp("home")
    (home / "gitconfig").write_text("[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_OF_GIT):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(home / name.lower()))
        patch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        for name in ("DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR", "DVC_SITE_CACHE_DIR"):
            patch.setenv(name, str(home / name.lower()))
        patch.setenv("DVC_NO_ANALYTICS", "1")
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        yield


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are no name: some have the time in them, and then two workers collect different tests."""
    return argname if isinstance(val, bytes | bytearray) else None
