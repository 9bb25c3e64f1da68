"""Who gets a campaign's message now, who doesn't, and why: one decision a message.

Decisions are computed by DuckDB in memory, from the published marts and the lake's logs; the
warehouse isn't opened. Opt-outs and suppressions are read from the lake itself, so that one
recorded a second ago counts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from stripe_pipeline.activation.campaigns import Campaign
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import ERASED, load_erasures
from stripe_pipeline.settings import Settings

TEMPLATE_FAILED = "template_failed"  # known only when a message is rendered

# What stands in a status' way; held messages are judged again at each export.
REASONS = {
    "no_address": "the customer has no valid address for the channel",
    "undeliverable": "nobody can have the address, as its form or its domain's name shows",
    "suppressed": "the address is suppressed, for the channel or for all",
    "opted_out": "the address has opted out of the channel at some time",
    "no_consent": "nobody has recorded an opt-in of the address to the channel",
    "missing_rate": "a field that the segment or the template names lacks an exchange rate",
    "duplicate_address": "another customer with the same address gets or got the message",
    TEMPLATE_FAILED: "the campaign's template can't be filled in with the customer's values",
    "live_sends_off": "rehearsed only, as STRIPE_PIPELINE_LIVE_SENDS isn't on",
}

ADDRESS_COLUMN = {"email": "email", "sms": "phone"}
# Whether a message can get there; a number that is valid is taken to be somebody's.
DELIVERABLE = {"email": "coalesce(email_deliverable, true)", "sms": "true"}
MARTS = (
    "segment_history", "segment_members", "undecided_members", "customer_profiles",
    "unrated_fields", "consent",
)  # fmt: skip
MEMORY_LIMIT = "512MB"


@contextmanager
def deciding(settings: Settings, published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB in memory that sees the published marts and the lake's logs as views.

    Raises:
        PipelineError: a mart that exports need isn't published.
    """
    connection = duckdb.connect()
    try:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"set temp_directory = {_literal(settings.home / '.export.spill')}")
        connection.execute("set TimeZone = 'UTC'")
        _view_erasures(connection, settings)
        for mart in MARTS:
            _view_mart(connection, mart, published)
        for log in ("consent_entries", "suppression_entries", "outbox_entries"):
            files = _literal(settings.lake / log / "*.parquet")
            connection.execute(
                f"create view {log} as select *, (filename, file_row_number) as place "
                f"from read_parquet({files}, filename = true, file_row_number = true)"
            )
        yield connection
    except duckdb.BinderException as error:
        raise PipelineError(
            f"The published tables in {published} lack a column that exports need "
            f"({str(error).splitlines()[0]}); run `stripe-pipeline run`, which publishes them anew."
        ) from None
    finally:
        connection.close()


def decide(
    connection: duckdb.DuckDBPyConnection, campaign: Campaign, as_of: datetime, *, live: bool
) -> Decisions:
    """Decide about every message of a campaign: one for each open stay in its segment."""
    connection.execute(
        _DECISIONS.format(
            address=ADDRESS_COLUMN[campaign.channel],
            deliverable=DELIVERABLE[campaign.channel],
            erased=ERASED,
            template_failed=TEMPLATE_FAILED,
        ),
        {
            "campaign": campaign.name,
            "channel": campaign.channel,
            "segment": campaign.segment,
            "as_of": as_of.astimezone(UTC).replace(tzinfo=None),
            "live": live,
            "fields": sorted(campaign.fields),
        },
    )
    return Decisions(connection, campaign)


def _view_erasures(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Whom nobody writes to any more, and how the addresses that they left are digested."""
    erasures = load_erasures(Lake(settings.lake))
    connection.execute(
        "create temp table erased as select unnest(?::varchar[]) as stripe_customer_id",
        [sorted(erasures.reasons)],
    )
    connection.execute(f"set variable salt = '{erasures.salt}'")


def _view_mart(connection: duckdb.DuckDBPyConnection, mart: str, published: Path) -> None:
    path = published / f"{mart}.parquet"
    try:
        connection.execute(f"create view {mart} as from read_parquet({_literal(path)})")
    except duckdb.IOException:
        raise PipelineError(
            f"The published table {path} can't be read; run `stripe-pipeline run`, which "
            "publishes all of them anew."
        ) from None


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


# A message is due once: exported when sends are live, else rehearsed. The log tells which were.
# An address belongs to the first customer who got the campaign there; another who shares it is
# skipped, in the same export or years later.
_DECISIONS = """
create or replace temp table decisions as
with stays as (
    select
        stripe_customer_id, entered_at,
        segment || '@'
        || strftime(coalesce(occasion_at, entered_at), '%Y-%m-%dT%H:%M:%S.%fZ') as occasion
    from segment_history
    semi join segment_members using (segment, stripe_customer_id)
    where segment = $segment and left_at is null and entered_at <= $as_of
),

audience as (
    select
        stays.*,
        sha256(concat_ws('|', stripe_customer_id, $campaign, occasion)) as message_key,
        nullif({address}, '') as address,
        {deliverable} as is_deliverable,
        sha256($channel || ':' || nullif({address}, '')) as address_hash,
        -- What the logs say of an address since somebody who had it was erased.
        '{erased}' || sha256(getvariable('salt') || nullif({address}, '')) as erased_address,
        '{erased}' || sha256(getvariable('salt') || address_hash) as erased_hash
    from stays
    join customer_profiles using (stripe_customer_id)
    -- What is published may be older than the erasure.
    anti join erased using (stripe_customer_id)
),

consents as (
    select channel, address, status, occurred_at from consent
    union all
    select channel, address, status, occurred_at at time zone 'UTC' from consent_entries
),

opted as (
    select
        address,
        bool_or(status = 'opt_in' and occurred_at <= $as_of) as has_opted_in,
        bool_or(status = 'opt_out') as has_opted_out
    from consents
    where channel = $channel
    group by address
),

suppressed as (
    select distinct address
    from (
        select address, arg_max(is_active, place) as is_active
        from suppression_entries
        where channel in ($channel, 'all')
        group by channel, address
    )
    where is_active
),

-- Who lacks an exchange rate for what the segment or the templates name.
unrated as (
    select stripe_customer_id
    from undecided_members
    where segment = $segment
    union
    select stripe_customer_id
    from unrated_fields
    where list_contains($fields::varchar[], field)
),

logged as (
    select
        message_key,
        arg_max({{'status': status, 'reason': reason}}, place) as newest,
        bool_or(status = 'exported') as was_exported,
        bool_or(status = 'rehearsed') as was_rehearsed
    from outbox_entries
    where campaign = $campaign
    group by message_key
),

-- In a live export a rehearsal doesn't count: nobody got anything.
taken as (
    select
        address_hash,
        arg_min(stripe_customer_id, (status != 'exported', place)) as owner
    from outbox_entries
    where campaign = $campaign and channel = $channel
        and (status = 'exported' or (status = 'rehearsed' and not $live))
    group by address_hash
),

judged as (
    select
        audience.*,
        logged.newest,
        coalesce(logged.was_exported, false) as was_exported,
        coalesce(logged.was_exported or (logged.was_rehearsed and not $live), false) as is_done,
        case
            when audience.address is null then 'no_address'
            when suppressed.address is not null then 'suppressed'
            when suppressed_by_erased.address is not null then 'suppressed'
            when opted.has_opted_out or opted_by_erased.has_opted_out then 'opted_out'
            when not coalesce(opted.has_opted_in, false) then 'no_consent'
            when unrated.stripe_customer_id is not null then 'missing_rate'
        end as obstacle,
        coalesce(taken.owner != audience.stripe_customer_id, false)
        or taken_by_erased.owner is not null as is_taken
    from audience
    left join opted using (address)
    left join opted as opted_by_erased on opted_by_erased.address = audience.erased_address
    left join suppressed using (address)
    left join suppressed as suppressed_by_erased
        on suppressed_by_erased.address = audience.erased_address
    left join unrated using (stripe_customer_id)
    left join logged using (message_key)
    left join taken using (address_hash)
    left join taken as taken_by_erased on taken_by_erased.address_hash = audience.erased_hash
),

ranked as (
    select
        *,
        row_number() over (
            partition by address_hash, is_done or is_taken or obstacle is not null
            order by entered_at, stripe_customer_id
        ) as place_at_address
    from judged
),

decided as (
    select
        *,
        case
            when is_done and was_exported then 'exported'
            when is_done then 'rehearsed'
            when not is_deliverable then 'skipped'
            when obstacle is not null then 'held'
            when is_taken or place_at_address > 1 then 'skipped'
            when $live then 'exported'
            else 'rehearsed'
        end as status
    from ranked
)

select
    message_key, stripe_customer_id, occasion, address, address_hash, status,
    case
        when status = 'held' then obstacle
        when status = 'skipped' and not is_deliverable then 'undeliverable'
        when status = 'skipped' then 'duplicate_address'
        when status = 'rehearsed' then 'live_sends_off'
    end as reason,
    not is_done and status in ('exported', 'rehearsed') as is_due,
    coalesce(newest.status = 'held' and newest.reason = '{template_failed}', false) as has_failed,
    status in ('held', 'skipped')
        and (status, reason) is distinct from (newest.status, newest.reason) as is_news
from decided
"""
