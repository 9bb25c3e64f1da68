"""Refused deliveries are told in the log: each reason with its count, and no flood."""

import re
import time
from pathlib import Path

from stripe_pipeline.ingestion.webhooks.refusals import NOTICE_SECONDS
from tests.ingestion.webhooks.receiving import Receiving, end, receiver, start
from tests.ingestion.webhooks.sending import body_of, deliver, event

SETTINGS = {"STRIPE_API_KEY": "rk_test_51abcdefghijklmnop"}
CONNECTED, LIVE = "it is of a connected account", "it is a live event"


def _log(home: Path) -> str:
    return (home.parent / "receiver.log").read_text()


def _told(log: str, words: str) -> int:
    """How many refusals for a reason the lines tell of in all, but for those of the last words."""
    found = re.findall(rf"Refused (a|[\d,]+) deliver\w+: {words}", log)
    return sum(1 if each == "a" else int(each.replace(",", "")) for each in found)


def _refuse_fifteen(running: Receiving) -> None:
    for number in range(12):
        body = body_of(event(number, account="acct_1"))
        assert deliver(running.address, body).status_code == 400
    for number in range(3):
        assert deliver(running.address, body_of(event(number, livemode=True))).status_code == 400


def test_told_within_seconds_though_nothing_follows(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with receiver(home, settings=SETTINGS) as running:
        _refuse_fifteen(running)
        time.sleep(NOTICE_SECONDS + 2)
        assert (_told(_log(home), CONNECTED), _told(_log(home), LIVE)) == (12, 3)


def test_told_at_the_end_of_the_process(tmp_path: Path) -> None:
    running = start(tmp_path / "home", settings=SETTINGS)
    _refuse_fifteen(running)
    assert end(running) == 0
    log = _log(tmp_path / "home")
    assert (_told(log, CONNECTED), _told(log, LIVE)) == (12, 3)
    assert f"in all since the start 12 deliveries: {CONNECTED}" in log
    assert f"in all since the start 3 deliveries: {LIVE}" in log


def test_no_flood(tmp_path: Path) -> None:
    running = start(tmp_path / "home", settings=SETTINGS)
    for number in range(150):
        deliver(running.address, body_of(event(number, account="acct_1")))
        deliver(running.address, body_of(event(number)), secret="whsec_other")
    assert end(running) == 0
    log = _log(tmp_path / "home")
    assert _told(log, CONNECTED) == _told(log, "its signature fits no secret") == 150
    assert len(log.splitlines()) < 100
