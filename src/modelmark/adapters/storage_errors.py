"""What went wrong at a storage: no answer, not allowed, not there, or full.

Hides that every storage library has exceptions of its own, and that fsspec's HTTP turns all of them into
"file not found". Messages carry status and reason, never an exception's own text: that may hold a URL with a key.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from modelmark.adapters.object_files import FULL
from modelmark.errors import Denied, Missing, ModelmarkError, StorageError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIBRARIES = frozenset(
    """
    adlfs aiobotocore aiohttp aiohttp_retry asyncssh azure botocore dvc dvc_data dvc_http dvc_objects fsspec gcsfs
    google httpx oss2 ossfs paramiko pydrive2 requests s3fs sshfs webdav4
    """.split()  # noqa: SIM905 -- one name a line is no easier to read
)
_DENIALS = ("Auth", "Credential", "Denied", "Forbidden", "Login")
_CREDENTIALS = "check the credentials: `.dvc/config.local`, your global DVC config or the environment"


@contextmanager
def storage_errors(location: str, what: str) -> Iterator[None]:
    """Turn what a storage library raises inside the block into one of our errors.

    Args:
        location: the storage, as a person knows it.
        what: what was asked for, e.g. "object 0f3c…".

    Raises:
        Missing, Denied, Unreachable, StorageError: see `classify`; anything else is a bug and passes unchanged.
    """
    try:
        yield
    except ModelmarkError:
        raise
    except Exception as error:
        found = classify(error, location, what)
        if found is None:
            raise
        raise found from error


def classify(error: BaseException, location: str, what: str) -> StorageError | None:
    """Which of our errors an exception of a storage library is; None if it comes from no such library."""
    inner = error.__cause__
    if isinstance(error, FileNotFoundError) and inner is not None and _library(inner) == "aiohttp":
        error = inner  # fsspec's HTTP says "not found" for a refused connection and for a 500, too
    status = _status(error)
    number = getattr(error, "errno", None)
    if _code(error) == "NoSuchBucket":
        return Unreachable(f"the storage {location} does not exist", "check the address in registry.yaml")
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return Missing(
            f"{what} is not in the storage {location}", "ask whoever pushed it to run `dvc push` again"
        )
    if _is_denial(error, status):
        return Denied(
            f"the storage {location} refused access to {what} ({_reason(error, status)})", _CREDENTIALS
        )
    if number in FULL:
        return StorageError(
            f"no space left in the storage {location}", "make room there and run the command again"
        )
    if isinstance(error, OSError) or _library(error) in _LIBRARIES:
        return Unreachable(
            f"the storage {location} gave no answer about {what} ({_reason(error, status)})",
            "check the address and the network, then run the command again",
        )
    return None


def _is_denial(error: BaseException, status: int | None) -> bool:
    if isinstance(error, PermissionError) or status in (401, 403, 407):
        return True
    named = any(word in type(error).__name__ for word in _DENIALS)
    return getattr(error, "errno", None) == errno.EROFS or (named and _library(error) in _LIBRARIES)


def _library(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]


def _status(error: BaseException) -> int | None:
    """The HTTP status: aiohttp calls it `status`, azure `status_code`, gcsfs `code`."""
    values = (getattr(error, name, None) for name in ("status", "status_code", "code"))
    return next((value for value in values if isinstance(value, int) and 400 <= value <= 599), None)


def _code(error: BaseException) -> str:
    """What S3 calls an error; s3fs keeps it in the cause."""
    for one in (error, error.__cause__):
        answer = getattr(one, "response", None)
        if isinstance(answer, dict):
            return str(answer.get("Error", {}).get("Code", ""))
    return ""


def _reason(error: BaseException, status: int | None) -> str:
    if status is not None:
        return f"HTTP {status}"
    return getattr(error, "strerror", None) or type(error).__name__
