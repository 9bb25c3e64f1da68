"""Decide who gets a campaign's message now, who doesn't, and why: one decision per person.

Decisions are computed by DuckDB in memory (`sql/`), from the published marts and the lake's logs;
the warehouse isn't opened. Opt-outs and suppressions are read from the lake itself, so that one
recorded a second ago counts.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from duckdb.func import FunctionNullHandling
from duckdb.sqltypes import BOOLEAN, VARCHAR

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.csv_cells import is_unsafe
from stripe_pipeline.activation.days import define_days
from stripe_pipeline.activation.decisions import Decisions
from stripe_pipeline.activation.excluding import list_excluded
from stripe_pipeline.activation.push_tokens import with_tokens
from stripe_pipeline.activation.reasons import SKIPPING, TEMPLATE_FAILED, WAITING
from stripe_pipeline.activation.timing import judge_timing
from stripe_pipeline.activation.values import MINOR
from stripe_pipeline.contacts.mailboxes import PLAIN, mailbox_of
from stripe_pipeline.contacts.recipient_zones import zones_of
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import ERASED, TABLE, load_erasures
from stripe_pipeline.lake.read_lock import start_reading
from stripe_pipeline.lake.tables import TABLES
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import reading_table
from stripe_pipeline.warehouse.publish import published_set

ADDRESS_COLUMN = {"email": "email", "sms": "phone", "push": "push_token"}
# Whether an address is deliverable; a valid phone number and a token are taken to be in use.
DELIVERABLE = {"email": "profiles.email_deliverable", "sms": "true", "push": "true"}
MARTS = (
    "segment_history", "segment_members", "undecided_members", "customer_profiles",
    "unrated_fields", "consent", "person_addresses",
)  # fmt: skip
# The marts that an export re-reads from a newer published set: see `refresh`.
NEWER = ("consent", "person_addresses", "customer_profiles")
LOGS = ("consent_entries", "suppression_entries", "outbox_entries")
VERSIONS = "campaign_versions"
SPECIAL = FunctionNullHandling.SPECIAL  # mailbox_of answers for nulls itself
MEMORY_LIMIT = "512MB"
_SQL = Path(__file__).parent / "sql"
_FIRST = ("ledger", "sent", "went_live", "members")
_THEN = ("excluded", "persons", "log", "barred", "customers", "goal")


@contextmanager
def deciding(
    settings: Settings, published: Path, campaigns: Iterable[Campaign]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB in memory that sees the marts of these campaigns and the lake's logs as views.

    No file of the lake is moved or removed while it is open.

    Raises:
        PipelineError: a mart that exports need isn't published, or the set was removed while open.
    """
    with closing(start_reading(settings.lake)), closing(duckdb.connect()) as connection:
        try:
            _prepare(connection, settings, published, marts_of(campaigns))
            yield connection
        except duckdb.BinderException as error:
            raise PipelineError(
                f"The published tables in {published} lack a column that exports need "
                f"({str(error).splitlines()[0]}); run `stripe-pipeline run`, which publishes them "
                "again."
            ) from None
        except duckdb.IOException as error:
            if published.exists():
                raise
            raise PipelineError(
                f"The published set {published} was removed while this export read it, because "
                "newer ones took its place or someone was erased. Nothing half-written is left; "
                "run the export again: the next one exports what is due."
            ) from error


def marts_of(campaigns: Iterable[Campaign]) -> tuple[str, ...]:
    """Return the published marts that decisions about these campaigns read."""
    return tuple(
        dict.fromkeys([*MARTS, *(mart for one in campaigns for mart in one.audience.marts)])
    )


def decide(
    connection: duckdb.DuckDBPyConnection,
    campaign: Campaign,
    as_of: datetime,
    *,
    live: bool,
    since: datetime | None = None,
) -> Decisions:
    """Decide about every message of a campaign: one for each person with an open stay.

    Reads the logs as they are now, not as an earlier decision on the connection saw them. The
    schedule is asked about as-of, or, in the preview of a day, about any instant after `since`.
    """
    find_occasions(connection, campaign, as_of, live=live)
    list_excluded(connection, campaign.audience.not_listed)
    for step in _THEN:
        connection.execute(script(step, campaign.channel))
    while _refuse(connection, campaign.channel):
        pass
    connection.execute(script("candidates", campaign.channel))
    judge_timing(connection, campaign, since or as_of, as_of)
    connection.execute(script("decisions", campaign.channel))
    return Decisions(connection, campaign)


def find_occasions(
    connection: duckdb.DuckDBPyConnection, campaign: Campaign, as_of: datetime, *, live: bool
) -> None:
    """Find what a campaign's messages are sent for: the stays in its segment, or facts."""
    set_variables(
        connection,
        campaign=campaign.name,
        channel=campaign.channel,
        segment=campaign.segment,
        audience=campaign.audience.name,
        takes_existing=campaign.audience.takes_existing,
        goal=campaign.goal or "",
        within=campaign.audience.within,
        not_in=list(campaign.audience.not_in),
        re_entry=campaign.audience.re_entry,
        skipping=list(SKIPPING),
        waiting=list(WAITING),
        as_of=as_of.astimezone(UTC).replace(tzinfo=None),
        live=live,
        # A rate that an amount lacks is recorded under its name in the major unit.
        fields=sorted({name.removesuffix(MINOR) for name in campaign.fields}),
    )
    for step in _FIRST:
        connection.execute(script(step, campaign.channel))
    _find_stays(connection, campaign)


def _find_stays(connection: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Make the table `customer_stays`, of stays or of facts."""
    trigger = campaign.audience.trigger
    if trigger is None:
        set_variables(connection, existing_reason="existing_member")
        connection.execute(script("stays", campaign.channel))
        return
    set_variables(
        connection, existing_reason="earlier_fact", occasion=trigger.occasion, days=trigger.days
    )
    facts = script("facts", campaign.channel)
    connection.execute(facts.replace("{facts}", trigger.query()))


def _refuse(connection: duckdb.DuckDBPyConnection, channel: Channel) -> int:
    """Refuse addresses to all but the first who ask for them; return to how many customers."""
    [(refused,)] = connection.execute(script("refusals", channel)).fetchall()
    return int(refused)


def set_variables(connection: duckdb.DuckDBPyConnection, **variables: object) -> None:
    """Set the variables that the SQL reads by name."""
    for name, value in variables.items():
        connection.execute(f"set variable {name} = ?", [value])


def script(step: str, channel: Channel) -> str:
    """Read a step's SQL and fill in what can't be a variable: `{name}`, in single braces."""
    text = (_SQL / f"{step}.sql").read_text(encoding="utf-8")
    names = {
        "address": ADDRESS_COLUMN[channel],
        "deliverable": DELIVERABLE[channel],
        "template_failed": TEMPLATE_FAILED,
    }
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def ledgers_state(settings: Settings) -> tuple[object, ...]:
    """Return a version of the ledgers: it differs after an opt-out, suppression or erasure.

    `refresh` is needed when it has changed.
    """
    lake = Lake(settings.lake)
    newest = [lake.batches(log)[-1:] for log in ("consent_entries", "suppression_entries", TABLE)]
    return published_set(settings), *(batch.sequence for batches in newest for batch in batches)


def refresh(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Re-read who may not be written to, from newer records and the newest published set.

    All else stays as it was when the connection was opened: an export works on one snapshot, and
    what newer tables add to it is for the next export.
    """
    _view_erasures(connection, settings)
    newest = published_set(settings)
    for mart in NEWER:
        _view_mart(connection, settings, f"newer_{mart}", newest / f"{mart}.parquet")
    connection.execute((_SQL / "newer.sql").read_text(encoding="utf-8"))


def _prepare(
    connection: duckdb.DuckDBPyConnection, settings: Settings, published: Path, marts: Iterable[str]
) -> None:
    connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    connection.execute(f"set temp_directory = {_literal(settings.home / '.export.spill')}")
    connection.execute("set TimeZone = 'UTC'")
    set_variables(connection, reporting_zone=settings.reporting_timezone)
    _view_erasures(connection, settings)
    _define_spellings(connection)
    define_days(connection, settings.reporting_timezone)
    for mart in marts:
        _view_mart(connection, settings, mart, published / f"{mart}.parquet")
    for mart in NEWER:
        _view_mart(connection, settings, f"first_{mart}", published / f"{mart}.parquet")
    for log in LOGS:
        _view_log(connection, log, settings.lake)
    # dbt doesn't read this log, so it is no view, which an exposure would have to name.
    connection.execute(
        "create temp macro campaign_versions() as table "
        f"select *, (filename, file_row_number) as place from {_files(VERSIONS, settings.lake)}"
    )


def _view_erasures(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Load who is erased by now, and the salt with which erased addresses are digested."""
    erasures = load_erasures(Lake(settings.lake))
    connection.execute(
        "create or replace temp table erased as select unnest(?::varchar[]) as stripe_customer_id",
        [sorted(erasures.reasons)],
    )
    connection.execute("set variable salt = ?", [erasures.salt])


def _define_spellings(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros that compare addresses as Python does; plain ones skip the Python call."""
    connection.create_function("mailbox_of", mailbox_of, [VARCHAR], VARCHAR, null_handling=SPECIAL)
    connection.create_function("is_unsafe", is_unsafe, [VARCHAR], BOOLEAN)
    connection.create_function(
        "recipient_zones", _spelled_zones, [VARCHAR] * 3, VARCHAR, null_handling=SPECIAL
    )
    connection.execute(
        f"create macro erased_form(text) as '{ERASED}' || sha256(getvariable('salt') || text);"
        "create macro address_hash(text) as sha256(getvariable('channel') || ':' || text);"
        "create macro occasion_name(segment, entered_at) as"
        " segment || '@' || strftime(entered_at, '%Y-%m-%dT%H:%M:%S.%fZ');"
        "create macro stay_name(customer, occasion) as customer || ':' || occasion;"
        f"create macro is_plain(address) as regexp_full_match(address, '{PLAIN}');"
        "create macro compared_as(channel, address) as case"
        " when not contains(address, '@') or is_plain(address) then address"
        " when channel in ('email', 'all') then coalesce(mailbox_of(address), address)"
        " else address end"
    )


def _spelled_zones(country: str | None, region: str | None, phone: str | None) -> str:
    return " ".join(zones_of(country, region, phone))


def _view_mart(
    connection: duckdb.DuckDBPyConnection, settings: Settings, view: str, path: Path
) -> None:
    with reading_table(path):
        table = f"read_parquet({_literal(exactly(path))})"
        if path.stem in ("customer_profiles", "person_addresses"):
            profiles = f"read_parquet({_literal(exactly(path.with_stem('customer_profiles')))})"
            table = f"({with_tokens(settings, path.stem, table, profiles)})"
        connection.execute(f"create or replace view {view} as from {table}")


def _view_log(connection: duckdb.DuckDBPyConnection, log: str, lake: Path) -> None:
    """Create a view of a log with each entry's place; columns that older batches lack are null."""
    empty = TABLES[log].empty_table()  # noqa: F841 (DuckDB finds it by its name)
    connection.execute(f"create temp table no_{log} as from empty")
    connection.execute(
        f"create view {log} as from no_{log} union all by name "
        f"select *, (filename, file_row_number) as place from {_files(log, lake)}"
    )


def _files(log: str, lake: Path) -> str:
    files = _literal(f"{exactly(lake / log)}/*.parquet")
    return f"read_parquet({files}, filename = true, file_row_number = true, union_by_name = true)"


def _literal(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"
