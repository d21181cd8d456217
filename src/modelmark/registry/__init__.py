"""The registry as a Python program sees it; nothing here prints, reads the command line or changes the process."""

from modelmark.registry.local import Registry
from modelmark.registry.remote import pull_remote, resolve_remote

__all__ = ["Registry", "pull_remote", "resolve_remote"]
