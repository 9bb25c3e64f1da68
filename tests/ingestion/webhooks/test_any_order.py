"""Whatever comes listed, delivered, twice or late, and whenever it is synced: nothing is missed."""

import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.webhooks.intake import Deliveries
from stripe_pipeline.ingestion.webhooks.spool import is_waiting
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account, serving
from tests.fake_stripe.shop import HOUR, add_customer
from tests.ingestion.lakes import live, versions
from tests.ingestion.webhooks.test_intake import deliver, unlisted

CUSTOMERS = 4
EXAMPLES = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 8

# A change of one customer: how its event comes, and how many hours ago Stripe made it.
changes = st.tuples(
    st.just("change"),
    st.integers(0, CUSTOMERS - 1),
    st.sampled_from(["listed", "delivered", "both", "listed later"]),
    st.sampled_from([0, 0, 1, 60]),
)
again = st.tuples(st.just("deliver again"), st.integers(0, 30))
syncs = st.tuples(
    st.sampled_from(["sync", "sync deliveries", "die before keep", "die before remove"])
)


class World:
    """An account, what was told of it, and a home that mirrors it."""

    def __init__(self, base: str, home: Path, account: Account) -> None:
        self.account = account
        self.settings = Settings(
            stripe_api_key=KEY,
            stripe_api_base=base,
            STRIPE_PIPELINE_HOME=home,
            STRIPE_PIPELINE_RATE_LIMIT=10_000,
        )
        self.told: list[dict[str, Any]] = []
        self.unlisted: list[dict[str, Any]] = []

    def change(self, number: int, how: str, hours: int) -> None:
        customer = add_customer(self.account, number)
        customer["name"] = f"Version {len(self.told)}"
        # No list shows an event that is older than the last look at the list, but for an overlap.
        ago = hours * HOUR if how == "delivered" else 0
        event = self.account.event("customer.updated", customer, int(time.time()) - ago)
        if how != "listed":
            unlisted(self.account, event)
        if how in ("delivered", "both"):
            deliver(self.settings, event)
        if how == "both":
            self.list(event)
        if how == "listed later":
            self.unlisted.append(event)
        self.told.append(event)

    def list(self, event: dict[str, Any]) -> None:
        fields = {each: event[each] for each in ("type", "data")}
        self.account.add("events", event["id"], event["created"], **fields)

    def do(self, step: tuple[Any, ...]) -> None:
        if step[0] == "change":
            self.change(*step[1:])
        elif step[0] == "deliver again":
            deliver(self.settings, *self.told[step[1] : step[1] + 2])
        elif step[0].startswith("die"):
            self.die(step[0].split()[-1])
        else:
            sync(self.settings, deliveries_only=step[0] == "sync deliveries")

    def die(self, step: str) -> None:
        def end(*arguments: object) -> None:
            raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Deliveries, step, end)
            with pytest.raises(KeyboardInterrupt):
                sync(self.settings, deliveries_only=bool(self.told))

    def check(self) -> None:
        """After what was late has been listed, and one sync, the lake is the account."""
        for event in self.unlisted:
            self.list(event)
        sync(self.settings)
        lake = Lake(self.settings.lake)
        assert live(lake, "customers") == self.account.objects["customers"]
        found = Counter(body["id"] for body in versions(lake, "events"))
        assert found == dict.fromkeys((event["id"] for event in self.told), 1)
        assert not is_waiting(self.settings.webhooks)


@hypothesis_settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.one_of(changes, again, syncs), min_size=3, max_size=14))
def test_nothing_is_missed_and_nothing_doubled(steps: list[tuple[Any, ...]]) -> None:
    account = Account()
    for number in range(CUSTOMERS):
        add_customer(account, number)
    with serving(account) as base, tempfile.TemporaryDirectory() as folder:
        world = World(base, Path(folder), account)
        sync(world.settings)
        for step in steps:
            world.do(step)
        world.check()
