"""The port `Webhook`: one signed POST to the address that MODELMARK_WEBHOOK_URL holds.

An address is often a secret in itself, so of it only the host stands in a message, and nothing of what the receiver says,
who knows it. Redirects are not followed: the signature is for one receiver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from modelmark.adapters.http import PATIENCE, TRIES, Answer, Client, GivenUp, NoAnswer, insist, retry_after
from modelmark.domain.events import MEDIA_TYPE, SIGNATURE, signature
from modelmark.domain.names import shown
from modelmark.errors import CouldNot, Denied, InvalidInput, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL = "MODELMARK_WEBHOOK_URL"
_SECRET = "MODELMARK_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_OWN_WORDS = "the log of the receiver says why"


class SignedWebhook:
    """One receiver.

    Args:
        url: https, or anything on this machine.
        secret: what both sides know.
    """

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        parts = urlsplit(url)
        self._host = shown(parts.netloc.rpartition("@")[2])
        headers = {"Content-Type": MEDIA_TYPE, "User-Agent": "modelmark"}
        self._client = Client(headers, proxies=parts.scheme == "https")

    def __repr__(self) -> str:
        return f"SignedWebhook({self._host})"

    def send(self, body: bytes) -> None:
        """See the port."""
        headers = {SIGNATURE: signature(self._secret, body)}

        def once() -> Answer:
            return self._client.ask("POST", self._url, body, headers=headers, read=False)

        try:
            status = insist(once, _wait).status
        except NoAnswer as error:
            raise Unreachable(
                f"the webhook's host {self._host} does not answer: {self._shown(str(error))}",
                "see that it runs and can be reached from here, then run the command again",
            ) from None
        except GivenUp as error:
            raise Unreachable(
                f"the webhook's host {self._host} is broken or busy: it says {error.answer.status}, {TRIES} times"
                if error.wait <= PATIENCE
                else f"the webhook's host {self._host} takes no more events for {error.wait:,.0f} seconds",
                f"{_OWN_WORDS}; run the command again later",
            ) from None
        if status >= 300:
            raise _refused(status, f"the webhook's host {self._host} says {status}")

    def _shown(self, text: str) -> str:
        """Words of the network, which do not name the address; and if they do, they are no help."""
        parts = urlsplit(self._url)
        login = parts.netloc.rpartition("@")[0]
        secrets = (self._secret, login, parts.path.strip("/"), parts.query, parts.fragment)
        return "it cannot be reached" if any(one and one in text for one in secrets) else shown(text, 300)


def _wait(answer: Answer) -> float | None:
    """Broken and busy receivers are asked again; whatever else they say stays."""
    busy = answer.status >= 500 or answer.status == 429
    return (retry_after(answer.headers) or 0.0) if busy else None


def _refused(status: int, said: str) -> CouldNot:
    if status < 400:
        return CouldNot(f"{said}, and redirects are not followed", f"put the address itself into {_URL}")
    if status in (401, 403):
        return Denied(said, f"see that {_SECRET} is the one that the receiver has; {_OWN_WORDS}")
    return CouldNot(said, f"see that {_URL} is the address of the receiver; {_OWN_WORDS}")


def find_webhook(environ: Mapping[str, str]) -> SignedWebhook | None:
    """The receiver that the environment names; None where it names none, as a secret that is not set is empty.

    Raises:
        InvalidInput: the address is none, or not encrypted, or there is no secret.
    """
    url, secret = environ.get(_URL, "").strip(), environ.get(_SECRET, "").strip()
    if not url:
        return None
    if not _is_address(url):
        raise InvalidInput(
            f"what {_URL} holds is no address that starts with https://",
            "plain http:// is for this machine alone",
        )
    if not secret:
        raise InvalidInput(
            f"{_SECRET} is not set, and nobody should act on an event without a signature",
            "make one, and give it to both sides: openssl rand -hex 32",
        )
    return SignedWebhook(url, secret)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return (
        url.isprintable() and " " not in url and bool(parts.hostname) and (plain or parts.scheme == "https")
    )
