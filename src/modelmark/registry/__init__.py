"""The registry as a Python program sees it; nothing here prints, reads the command line or changes the process."""

from modelmark.registry.local import Registry
from modelmark.registry.remote import pull_remote, resolve_remote
from modelmark.registry.watching import WatchOptions, watch_remote

__all__ = ["Registry", "WatchOptions", "pull_remote", "resolve_remote", "watch_remote"]
