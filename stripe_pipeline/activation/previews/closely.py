"""One campaign as the next run would send it: funnel, message as files, what is odd about it.

Everything is computed by the code that exports use, on tables computed aside; nothing is recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.eligibility import decide, deciding
from stripe_pipeline.activation.previews.funnel import Funnel, Row, funnel_of
from stripe_pipeline.activation.previews.recovery import foresee
from stripe_pipeline.activation.previews.totals import Totals
from stripe_pipeline.activation.rendering import Message, extras_of, render, text_for
from stripe_pipeline.activation.values import Formatting, liquid_rows
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.history import late_after


@dataclass(frozen=True)
class Wanted:
    """What is asked for: the message of a customer, or of the first that is due; entrants.

    `since` is the beginning of the day that is asked about, where it is a whole day.
    """

    customer: str | None = None
    entrants: int = 10
    price: Decimal | None = None  # of a segment of a text message
    since: datetime | None = None


@dataclass(frozen=True)
class CloseLook:
    """A campaign looked at closely.

    `message` is one person's: personal data, not to be logged. `verdict` is the row of gates of the
    customer that was asked for, None where they aren't in the segment. `appearing` are the keys of
    an interrupted export that the next one finishes. `history_until` is the newest recorded move
    where that is later than the instant: a run for it exports nothing.
    """

    campaign: Campaign
    as_of: datetime
    is_live: bool
    funnel: Funnel
    entrants: list[Row]
    totals: Totals
    message: Message | None = field(repr=False)
    customer: str | None = None
    verdict: Row | None = None
    appearing: frozenset[str] = frozenset()
    history_until: datetime | None = None

    @property
    def due(self) -> frozenset[str]:
        """The keys of the messages that are due, were the campaign live."""
        return frozenset(row["message_key"] for row in self.funnel.people if row["is_due"])

    @property
    def written(self) -> frozenset[str]:
        """The keys of the messages that the next export makes visible."""
        is_silent = self.history_until or not self.campaign.is_live
        return self.appearing | (frozenset() if is_silent else self.due)


def look_closely(
    settings: Settings, aside: Settings, campaign: Campaign, as_of: datetime, wanted: Wanted
) -> CloseLook:
    """Look at a campaign on the tables published aside and the logs, without recording anything.

    `settings` are those of the home itself, in which the exports are.

    Raises:
        UsageError: there is no such customer.
        PipelineError: the tables lack a column, or can't be read.
    """
    with deciding(aside, aside.published, [campaign]) as connection:
        appearing = foresee(settings, connection, [campaign], as_of).get(campaign.name, frozenset())
        decisions = decide(connection, campaign, as_of, live=aside.live_sends, since=wanted.since)
        totals = _totals(aside, decisions, as_of)
        funnel = funnel_of(decisions, totals.failed)
        customer = wanted.customer or _shown(totals, funnel)
        message = totals.example if totals.example and not wanted.customer else None
        if message is None and customer is not None:
            message = _message(aside, decisions, as_of, customer)
        person = _person(connection, customer) if customer else None
    return CloseLook(
        campaign, as_of, aside.live_sends, funnel, funnel.entrants(wanted.entrants), totals,
        message, customer, funnel.person(person) if person else None, appearing,
        late_after(settings, as_of),
    )  # fmt: skip


def _totals(aside: Settings, decisions: Decisions, as_of: datetime) -> Totals:
    formatting = Formatting(aside.zone, aside.reporting_currency)
    extras = extras_of(aside, decisions.campaign, as_of)
    totals = Totals(decisions.campaign)
    for due, profiles in decisions.due():
        rows = list(liquid_rows(profiles, formatting))
        totals.take(render(decisions.campaign, due, rows, extras), rows, extras)
    return totals


def _shown(totals: Totals, funnel: Funnel) -> str | None:
    """Return whose message is shown: of the first that is due, else of the first member."""
    if totals.example:
        return str(totals.example["stripe_customer_id"])
    first = next(iter(funnel.people), None)
    return str(first["stripe_customer_id"]) if first else None


def _person(connection: duckdb.DuckDBPyConnection, customer: str) -> str:
    found = connection.execute(
        "select stripe_person_id from customer_profiles where stripe_customer_id = ?", [customer]
    ).fetchone()
    if found is None:
        raise UsageError(
            f"There is no customer {customer} with a profile; `stripe-pipeline profile {customer}` "
            "says why."
        )
    return str(found[0])


def _message(
    aside: Settings, decisions: Decisions, as_of: datetime, customer: str
) -> Message | None:
    """Return the message as it would be for a customer, whether it is due or not.

    None where the template can't be filled in.
    """
    _person(decisions.connection, customer)
    columns = ", ".join(f'"{column}"' for column in decisions.columns)
    decisions.connection.execute("set variable shown = ?", [customer])
    profiles: pa.Table = decisions.connection.sql(
        f"select {columns} from customer_profiles where stripe_customer_id = getvariable('shown')"
    ).to_arrow_table()
    formatting = Formatting(aside.zone, aside.reporting_currency)
    [profile] = (row for batch in profiles.to_batches() for row in liquid_rows(batch, formatting))
    texts = text_for(decisions.campaign, profile, extras_of(aside, decisions.campaign, as_of))
    return None if texts is None else _told(customer, texts)


def _told(customer: str, texts: Mapping[str, Any]) -> Message:
    return {"stripe_customer_id": customer, **texts}
