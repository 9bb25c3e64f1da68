"""The decisions of eligibility.py about a campaign's messages: which to export or record now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.values import CURRENCY_COLUMNS

BATCH_ROWS = 1_000  # messages are held in memory until their templates are known to work
DUE = (
    "message_key", "stripe_person_id", "stripe_customer_id", "stripe_customer_ids", "stays",
    "occasion", "address", "address_hash", "status", "has_failed",
)  # fmt: skip

# What `audience` says of a fact, in the place of a segment's reasons.
_FACT = "to_json({fact: decisions.occasion, at: strftime(persons.began_at, '%Y-%m-%dT%H:%M:%SZ')})"


@dataclass(frozen=True)
class Decisions:
    """The decisions about one campaign, as the table `decisions` of a DuckDB in memory."""

    connection: duckdb.DuckDBPyConnection
    campaign: Campaign

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the messages of open stays: by status, then by reason ("" where there is none)."""
        rows = self.connection.execute(
            "select status, coalesce(reason, ''), count(*) from decisions group by all order by all"
        ).fetchall()
        found: dict[str, dict[str, int]] = {}
        for status, reason, messages in rows:
            found.setdefault(status, {})[reason] = messages
        return found

    def counts_without(self, failed: int, reason: str) -> dict[str, dict[str, int]]:
        """Count them as `counts` does, with `failed` of the due ones held for a reason instead."""
        found = self.counts()
        if failed:
            status, why = self._outcome()
            found[status][why] -= failed
            found = {
                status: kept
                for status, reasons in found.items()
                if (kept := {reason: count for reason, count in reasons.items() if count})
            }
            found.setdefault("held", {})[reason] = failed
        return found

    def _outcome(self) -> tuple[str, str]:
        """Return the status and reason that due messages get: all rehearsed, or all exported."""
        return self.connection.sql(
            "select status, coalesce(reason, '') from decisions where is_due limit 1"
        ).fetchall()[0]

    def keys_digest(self) -> str | None:
        """Return a digest of the keys of the messages to export now; None where there are none."""
        found = self.connection.execute(
            "select sha256(string_agg(message_key, '\n' order by message_key)) from decisions "
            "where is_due"
        ).fetchall()
        digest: str | None = found[0][0]
        return digest

    def due(self) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
        """Yield the messages to export now, with the profile columns that the templates name."""
        fields = self.columns
        profile = "".join(f', profile."{field}"' for field in fields)
        reader: pa.RecordBatchReader = self.connection.sql(
            f"select {', '.join(f'due.{name} as due_{name}' for name in DUE)}{profile} "
            "from decisions as due join customer_profiles as profile using (stripe_customer_id) "
            "where due.is_due order by due.stripe_customer_id, due.occasion"
        ).to_arrow_reader(BATCH_ROWS)
        for batch in reader:
            due = batch.select([f"due_{name}" for name in DUE]).rename_columns(list(DUE))
            yield due, batch.select(fields)

    @property
    def columns(self) -> list[str]:
        """The columns that the templates name or need for printing; at least one."""
        named = self.campaign.fields
        currencies = {CURRENCY_COLUMNS[name] for name in named & CURRENCY_COLUMNS.keys()}
        return sorted({"stripe_customer_id", "locale", *named, *currencies})

    def audience(self) -> list[dict[str, Any]]:
        """Return each message with its decision, and why its person is a member, or its fact."""
        trigger = self.campaign.audience.trigger
        found = self.connection.execute(
            "select message_key, decisions.stripe_customer_id, status, reason, is_due, "
            f"{_FACT if trigger else 'member.why'} as why "
            "from decisions inner join persons using (unit) left join segment_members as member "
            "on decisions.stripe_customer_id = member.stripe_customer_id and member.segment = ? "
            "order by decisions.stripe_customer_id, decisions.occasion",
            [self.campaign.audience.segment],
        )
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def still_due(self, rows: pa.Table) -> pa.Table:
        """Return those of `rows` that are due by these decisions, without erased customers."""
        kept: pa.Table = self.connection.sql(
            "select rows.* from rows "
            "semi join (from decisions where is_due) as due using (message_key) "
            "anti join erased using (stripe_customer_id) order by stripe_customer_id, occasion"
        ).to_arrow_table()
        return kept.cast(rows.schema)

    def leave_to_the_next(self, written: list[pa.Table]) -> None:
        """Drop messages that became due after these log rows were written: the next export's."""
        columns = [rows["message_key"].cast(pa.string()) for rows in written]
        chunks = [chunk for column in columns for chunk in column.chunks]
        keys = pa.table({"message_key": pa.chunked_array(chunks, pa.string())})  # noqa: F841
        self.connection.execute(
            "delete from decisions where is_due and message_key not in (from keys)"
        )

    def withheld(self) -> pa.Table:
        """Return the held and skipped messages whose status or reason differs from the log's."""
        return self.connection.sql(
            f"select {', '.join(DUE)}, reason from decisions where is_news "
            "order by stripe_customer_id, occasion"
        ).to_arrow_table()

    def further_news(self) -> pa.Table:
        """Return further log rows about earlier messages: for whom each of them stands now."""
        return self.connection.sql(
            "select * from further_news order by message_key"
        ).to_arrow_table()
