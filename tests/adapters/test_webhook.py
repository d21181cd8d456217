"""A webhook on loopback: signed, asked again where that helps, never followed elsewhere, and its address in no message."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from modelmark.adapters import http
from modelmark.adapters.webhook import SignedWebhook, find_webhook
from modelmark.errors import CouldNot, Denied, InvalidInput, ModelmarkError, Unreachable
from tests.support.git_servers import free_port
from tests.support.receiver import SECRET, Receiver, receiver

BODY = b'{"id": "1"}'
URL = "https://ada:pa55@hooks.example.org:8443/t0ken-in-the-path?key=t0ken-in-the-query"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(http, "sleep", slept.append)
    return slept


def webhook(there: Receiver, secret: str = SECRET) -> SignedWebhook:
    return SignedWebhook(there.url, secret)


def failure(there: Receiver, secret: str = SECRET) -> ModelmarkError:
    sender = webhook(there, secret)
    with pytest.raises(ModelmarkError) as caught:
        sender.send(BODY)
    error = caught.value
    said = error.message + error.hint + repr(error) + repr(sender) + str(error.__cause__)
    assert "t0ken" not in said
    assert secret not in said
    assert error.hint
    return error


def test_an_event_is_posted_with_a_signature_of_its_bytes(there: Receiver, naps: list[float]) -> None:
    webhook(there).send(BODY)
    assert there.events == [{"id": "1"}]
    (headers,) = there.headers
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert headers["User-Agent"] == "modelmark"
    assert headers["X-Modelmark-Signature-256"].startswith("sha256=")
    assert naps == []


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_yes_is_a_yes(there: Receiver, status: int) -> None:
    there.trouble = [status]
    webhook(there).send(BODY)
    assert there.asked == 1


def test_another_secret_is_denied(there: Receiver) -> None:
    error = failure(there, "other")
    assert isinstance(error, Denied)
    assert "says 401" in error.message
    assert "MODELMARK_WEBHOOK_SECRET" in error.hint
    assert (there.events, there.asked) == ([], 1)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 507, 429])
def test_a_receiver_that_is_broken_or_busy_is_asked_again(
    there: Receiver, naps: list[float], status: int
) -> None:
    there.trouble = [status, status]
    webhook(there).send(BODY)
    assert (there.asked, len(there.events), naps) == (3, 1, [0.5, 2.0])


def test_it_is_waited_for_as_long_as_it_says(there: Receiver, naps: list[float]) -> None:
    there.trouble = [(503, {"Retry-After": "7"}), (429, {"Retry-After": "soon"})]
    webhook(there).send(BODY)
    assert naps == [7.0, 2.0]


def test_one_that_asks_for_an_hour_is_told_at_once(there: Receiver, naps: list[float]) -> None:
    there.trouble = [(429, {"Retry-After": "3600"})]
    error = failure(there)
    assert "takes no more events for 3,600 seconds" in error.message
    assert (there.asked, naps) == (1, [])


def test_one_that_stays_broken_is_told(there: Receiver, naps: list[float]) -> None:
    there.trouble = [502] * 9
    error = failure(there)
    assert isinstance(error, Unreachable)
    assert "is broken or busy: it says 502, 4 times" in error.message
    assert (there.asked, naps) == (4, [0.5, 2.0, 8.0])


@pytest.mark.parametrize(
    ("status", "mend"), [(400, "is the address"), (404, "is the address"), (403, "SECRET"), (410, "address")]
)
def test_a_no_is_not_asked_again(there: Receiver, status: int, mend: str) -> None:
    there.trouble = [status]
    error = failure(there)
    assert f"says {status}" in error.message
    assert mend in error.hint
    assert there.asked == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_is_never_sent_on_to_anybody_else(there: Receiver, status: int) -> None:
    with receiver() as other:
        there.trouble = [(status, {"Location": other.url})]
        error = failure(there)
        assert isinstance(error, CouldNot)
        assert "redirects are not followed" in error.message
        assert (there.asked, other.asked) == (1, 0)


def test_an_answer_without_end_is_not_read(there: Receiver) -> None:
    there.trouble = [lambda handler: handler.endless(200), lambda handler: handler.endless(500)]
    began = time.monotonic()
    webhook(there).send(BODY)
    webhook(there).send(BODY)
    assert there.asked == 3
    assert time.monotonic() - began < 10


def test_one_that_does_not_answer_in_time_is_asked_again(
    there: Receiver, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_STEP", 0.1)
    there.trouble = [lambda _: time.sleep(0.5)]
    webhook(there).send(BODY)
    assert (there.asked, naps) == (2, [0.5])


def test_one_that_never_answers_is_unreachable(there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_STEP", 0.05)
    there.trouble = [lambda _: time.sleep(0.2)] * 4
    error = failure(there)
    assert isinstance(error, Unreachable)
    assert "does not answer" in error.message


def test_one_that_hangs_up_is_asked_again(there: Receiver, naps: list[float]) -> None:
    there.trouble = [lambda handler: handler.connection.close()]
    webhook(there).send(BODY)
    assert (len(there.events), naps) == (1, [0.5])


def test_nobody_there_is_unreachable(naps: list[float]) -> None:
    error = failure(Receiver(f"http://127.0.0.1:{free_port()}"))
    assert isinstance(error, Unreachable)
    assert "the webhook's host '127.0.0.1:" in error.message
    assert "does not answer: " in error.message
    assert len(naps) == 3


def test_a_receiver_on_this_machine_needs_no_proxy(there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        webhook(there).send(BODY)
        assert (there.asked, proxy.asked) == (1, 0)


def test_words_of_the_network_that_name_the_address_are_not_shown() -> None:
    sender = SignedWebhook(URL, SECRET)
    assert sender._shown("refused") == "'refused'"
    for words in (f"no {URL}", "key=t0ken-in-the-query", "/t0ken-in-the-path is gone", f"what {SECRET}"):
        assert sender._shown(words) == "it cannot be reached"
    assert "t0ken" not in repr(sender)
    assert "pa55" not in repr(sender)


@pytest.mark.parametrize("url", ["", "  "])
def test_an_address_that_is_not_set_is_no_webhook(url: str) -> None:
    assert find_webhook({"MODELMARK_WEBHOOK_URL": url, "MODELMARK_WEBHOOK_SECRET": ""}) is None
    assert find_webhook({}) is None


@pytest.mark.parametrize(
    "url", [URL, "http://127.0.0.1:80/x", "http://localhost/x", "http://[::1]/x", f" {URL}\n"]
)
def test_an_address_and_a_secret_are_a_webhook(url: str) -> None:
    found = find_webhook({"MODELMARK_WEBHOOK_URL": url, "MODELMARK_WEBHOOK_SECRET": f"{SECRET}\n"})
    assert found is not None
    assert (found._url, found._secret) == (url.strip(), SECRET)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/t0ken",
        "http://127.0.0.1.example.org/t0ken",
        "ftp://hooks.example.org/t0ken",
        "hooks.example.org/t0ken",
        "https://",
        "https:///t0ken",
        "https://hooks.example.org:t0ken/",
        "https://[t0ken",
        "https://hooks.example.org/t0ken x",
        "https://hooks.example.org/t0ken\x00",
    ],
)
def test_another_address_is_refused_and_not_shown(url: str) -> None:
    found = find_webhook({"MODELMARK_WEBHOOK_URL": url, "MODELMARK_WEBHOOK_SECRET": SECRET})
    assert found is not None
    with pytest.raises(InvalidInput, match="no address that starts with https://") as caught:
        found.send(BODY)
    assert "t0ken" not in caught.value.message + caught.value.hint


def test_an_address_without_a_secret_is_refused(there: Receiver) -> None:
    found = find_webhook({"MODELMARK_WEBHOOK_URL": there.url, "MODELMARK_WEBHOOK_SECRET": " "})
    assert found is not None
    with pytest.raises(InvalidInput, match="MODELMARK_WEBHOOK_SECRET is not set") as caught:
        found.send(BODY)
    assert "openssl rand" in caught.value.hint
    assert there.asked == 0
