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
SECRET = "MODELMARK_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
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

    def __repr__(self) -> str:
        return "SignedWebhook()"

    def send(self, body: bytes) -> None:
        """See the port; what is wrong with the address or the secret stops this receiver, and no other."""
        _check(self._url, self._secret)
        parts = urlsplit(self._url)
        host = f"the webhook's host {shown(parts.netloc.rpartition('@')[2])}"
        client = Client(
            {"Content-Type": MEDIA_TYPE, "User-Agent": "modelmark"}, proxies=parts.scheme == "https"
        )
        headers = {SIGNATURE: signature(self._secret, body)}
        try:
            status = insist(lambda: client.ask("POST", self._url, body, headers, read=False), _wait).status
        except NoAnswer as error:
            raise Unreachable(
                f"{host} does not answer: {self._shown(str(error))}",
                "see that it runs and can be reached from here, then run the command again",
            ) from None
        except GivenUp as error:
            raise Unreachable(
                f"{host} is broken or busy: it says {error.answer.status}, {TRIES} times"
                if error.wait <= PATIENCE
                else f"{host} takes no more events for {error.wait:,.0f} seconds",
                f"{_OWN_WORDS}; run the command again later",
            ) from None
        if status >= 300:
            raise _refused(status, f"{host} says {status}")

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
        return Denied(said, f"see that {SECRET} is the one that the receiver has; {_OWN_WORDS}")
    return CouldNot(said, f"see that {_URL} is the address of the receiver; {_OWN_WORDS}")


def find_webhook(environ: Mapping[str, str]) -> SignedWebhook | None:
    """The receiver that the environment names; None where it names none, as a secret of a job that is not set is empty."""
    url, secret = environ.get(_URL, "").strip(), environ.get(SECRET, "").strip()
    return SignedWebhook(url, secret) if url else None


def _check(url: str, secret: str) -> None:
    if not _is_address(url):
        raise InvalidInput(
            f"what {_URL} holds is no address that starts with https://",
            "plain http:// is for this machine alone",
        )
    if not secret:
        raise InvalidInput(
            f"{SECRET} is not set, and nobody should act on an event without a signature",
            "make one, and give it to both sides: openssl rand -hex 32",
        )


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
