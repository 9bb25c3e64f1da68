"""Gather from Stripe's objects in the lake the texts that staging and intermediates normalize.

Each field is read by the same expression as in dbt's staging models. Every version counts, also one
that a newer one replaced: staging may come back to it where a newer batch is lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.lake.batches import Batch, Lake, TornBatchError
from stripe_pipeline.lake.torn import torn_batches

CUSTOMERS, CHARGES, SESSIONS = "customers", "charges", "checkout_sessions"
RESOURCES = (CUSTOMERS, CHARGES, SESSIONS)
_MEMORY = "1GB"

_ADDRESS = '"address": {"country": "VARCHAR"}'
_DETAILS = f'{{"email": "VARCHAR", "name": "VARCHAR", "phone": "VARCHAR", {_ADDRESS}}}'
_NO_ROWS = "(select '' as body, '' as customer_id where false)"

_CUSTOMERS = f"""
    create temp table customers as
    select
        read.email, read.name, read.business_name, read.individual_name, read.phone,
        read.address.country as country, read.preferred_locales[1] as locale
    from (select from_json(body, '{{
        "email": "VARCHAR", "name": "VARCHAR", "business_name": "VARCHAR",
        "individual_name": "VARCHAR", "phone": "VARCHAR", {_ADDRESS},
        "preferred_locales": ["VARCHAR"]
    }}') as read from {{customers}})
"""
_GUESTS = f"""
    create temp table guests as
    select
        read.billing_details.email as email, read.receipt_email as receipt_email,
        read.billing_details.name as name, read.billing_details.phone as phone,
        read.billing_details.address.country as country,
        read.payment_intent as payment
    from (select from_json(body, '{{
        "billing_details": {_DETAILS}, "receipt_email": "VARCHAR", "payment_intent": "VARCHAR"
    }}') as read from {{charges}} where customer_id is null)
"""
_SESSIONS = f"""
    create temp table sessions as
    select
        read.customer_details.email as email, read.customer_details.name as name,
        read.customer_details.phone as phone,
        read.customer_details.address.country as country, read.payment_intent as payment
    from (select from_json(body, '{{
        "customer_details": {_DETAILS}, "payment_intent": "VARCHAR"
    }}') as read from {{checkout_sessions}})
"""
# What texts are keys. `countries` is the table of the lake, by then complete.
_ID = (
    "case when starts_with(payment, '{') then json_extract_string(payment, '$.id') else payment end"
)
_COUNTRIES = """
    create temp view raw_countries as
    select country as raw from customers union select country from guests
    union select country from sessions
"""
_LOCALES = "create temp view raw_locales as select locale as raw from customers"
_NAMES = """
    create temp view raw_names as
    select name, business_name, individual_name from customers
    where coalesce(name, business_name, individual_name) is not null
    union select name, null, null from guests union select name, null, null from sessions
"""
_EMAILS = """
    create temp view raw_emails as
    select email as raw from customers union select email from guests
    union select receipt_email from guests union select email from sessions
"""
_NUMBERS = """
    create temp view raw_numbers as
    select phone as raw, country from customers union select phone, country from guests
    union select phone, country from sessions
"""
# A guest's number is also read in the country that the other of Checkout and charge names.
_PHONES = f"""
    create temp view raw_phones as
    with placed as (
        select 'session' as source, phone, countries.country, {_ID} as payment
        from sessions left join countries on sessions.country = countries.raw
        union all
        select 'charge', phone, countries.country, {_ID}
        from guests left join countries on guests.country = countries.raw
    ),
    pairs as (
        select
            sessions.phone as session_phone, charges.phone as charge_phone,
            coalesce(sessions.country, charges.country) as country
        from placed as sessions inner join placed as charges using (payment)
        where sessions.source = 'session' and charges.source = 'charge'
    )
    select numbers.raw, countries.country
    from raw_numbers as numbers left join countries on numbers.country = countries.raw
    union select session_phone, country from pairs
    union select charge_phone, country from pairs
"""
_VIEWS = (_COUNTRIES, _LOCALES, _NAMES, _EMAILS, _NUMBERS)


@contextmanager
def naming_damage(lake: Lake) -> Iterator[None]:
    """Convert DuckDB's error on reading the lake: its own message may quote personal data.

    Raises:
        TornBatchError: a batch of Stripe's objects is damaged.
        PipelineError: anything else.
    """
    try:
        yield
    except duckdb.Error as error:
        kind = type(error).__name__
        for batch in torn_batches(lake, RESOURCES):
            raise TornBatchError(batch, error) from None
        raise PipelineError(
            f"The contacts in {lake.root} can't be normalized (DuckDB: {kind}); make room on the "
            "disk and in memory, and run again."
        ) from None


def prepare(memory: duckdb.DuckDBPyConnection) -> None:
    """Limit a connection to what dbt's may take (dbt_project/profiles.yml)."""
    memory.execute(f"set threads = 2; set memory_limit = '{_MEMORY}'")


def gather(
    memory: duckdb.DuckDBPyConnection, lake: Lake, since: Mapping[str, int] | None = None
) -> None:
    """Create a view of each table's keys, in `memory`, from the batches after `since`.

    `raw_phones` follows with `gather_phones`. Where a charge or a Checkout session is new, all of
    both are read: either may give the other a country.
    """
    after = dict(since or {})
    there = {each: lake.batches(each) for each in RESOURCES}
    guests = (CHARGES, SESSIONS)
    if any(_new(there[each], after.get(each, 0)) for each in guests):
        after |= dict.fromkeys(guests, 0)
    files = {each: _reading(_new(there[each], after.get(each, 0))) for each in RESOURCES}
    for create in (_CUSTOMERS, _GUESTS, _SESSIONS):
        # Not str.format: the JSON in it has braces.
        for resource in RESOURCES:
            create = create.replace(f"{{{resource}}}", files[resource])
        memory.execute(create)
    for create in _VIEWS:
        memory.execute(create)


def gather_phones(memory: duckdb.DuckDBPyConnection) -> None:
    """Create the view of the phone numbers with their countries' codes, from `countries`."""
    memory.execute(_PHONES)


def _new(batches: Sequence[Batch], after: int) -> list[Batch]:
    return [batch for batch in batches if batch.sequence > after]


def _reading(batches: Sequence[Batch]) -> str:
    return reading([batch for batch in batches if batch.rows()]) if batches else _NO_ROWS


def reading(batches: Sequence[Batch]) -> str:
    """Return the table expression that reads these files' rows."""
    if not batches:
        return _NO_ROWS
    quoted = ", ".join("'" + exactly(each.path).replace("'", "''") + "'" for each in batches)
    return f"read_parquet([{quoted}], hive_partitioning = false)"
