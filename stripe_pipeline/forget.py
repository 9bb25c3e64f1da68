"""Erase a customer's personal data from everything below the home folder.

The lake is first, as all else is computed from it: then deliveries, exports and logs, then the
warehouse and what is published. Orders, sales totals and the ledger are kept under the id.
After a crash, the next `forget` or `run` resumes.
"""

import csv
import io
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stripe_pipeline.activation.addresses import normalize_phone
from stripe_pipeline.activation.erased import PREVIEWS
from stripe_pipeline.activation.export import exporting
from stripe_pipeline.contacts.mailboxes import mailbox_of
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.durable import replacing
from stripe_pipeline.files.notes import read_note, write_note
from stripe_pipeline.files.removing import remove
from stripe_pipeline.ingestion.webhooks.intake import erase_from_spool
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import FORGOTTEN, load_erasures
from stripe_pipeline.lake_checks.drift import refuse_drift
from stripe_pipeline.privacy.erasing import erase, finish_pending, whose
from stripe_pipeline.privacy.forgotten import Forgotten
from stripe_pipeline.privacy.personal import addresses_of
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import as_of_or_now
from stripe_pipeline.warehouse.dbt_folders import dbt_folder
from stripe_pipeline.warehouse.history import LAKE_PATIENCE_SECONDS
from stripe_pipeline.warehouse.publish import (
    NOTE,
    is_set_outdated,
    publish,
    remove_outdated,
)
from stripe_pipeline.warehouse.renewal import computing, passes_tests, renew_warehouse
from stripe_pipeline.warehouse.scratch import clear_scratch
from stripe_pipeline.warehouse.transform import unwritable_home, wait_for_warehouse

logger = logging.getLogger(__name__)

# A demo's home folder also has this file, with the addresses of its people.
CONSENTS = "consents.csv"


# A compute log without a write for this many seconds is of a step that was killed.
_SILENT_SECONDS = 3_600


@dataclass(frozen=True)
class ForgetReport:
    """The result of an erasure in numbers, without personal data.

    `warehouse` and `published` are `rebuilt`, `nothing to do`, or `removed`: the tables that
    would have replaced the old ones didn't pass a check.
    """

    stripe_customer_id: str
    was_erased_before: bool
    lake_files: int
    deliveries: int
    exports: int
    warehouse: str
    published: str


def forget(settings: Settings, customer_id: str) -> ForgetReport:
    """Erase a customer's personal data permanently; idempotent.

    The id may also be that of a guest's payment: then the guest's data is erased.

    Raises:
        PipelineError: the lake has no such customer, another process locks the lake, the exports or
            the warehouse for too long, or the home folder can't be written. What was erased until
            then stays erased.
    """
    try:
        before, files, deliveries = _erase_from_lake(settings, customer_id)
        exports = erase_outside(settings)
    except OSError as error:
        raise unwritable_home(settings, error) from None
    try:
        warehouse, published = finish_erasures(settings)
    except PipelineError as error:
        raise PipelineError(
            f"The personal data of {customer_id} is gone from the lake and the exports, and the "
            f"tables follow with the next `stripe-pipeline forget` or `run`, as: {error}"
        ) from None
    return ForgetReport(customer_id, before, files, deliveries, exports, warehouse, published)


def refuse_unknown(settings: Settings, customer_id: str) -> None:
    """Check that there is something to erase, before the user is asked to confirm.

    Raises:
        PipelineError: the lake has no such customer, or the id is of a customer's object.
    """
    lake = Lake(settings.lake)
    if not settings.lake.exists():
        raise _unknown(customer_id)
    if customer_id not in load_erasures(lake).reasons:
        _refuse_others(lake, customer_id)


def erase_outside(settings: Settings) -> int:
    """Erase personal data from logs, previews and exports; returns the number of exports changed.

    Raises:
        PipelineError: another export doesn't finish, or the exports can't be written.
        OSError: the home folder can't be written.
    """
    erasures = load_erasures(Lake(settings.lake))
    if not erasures.reasons:
        return 0
    _empty_logs(settings, erasures.number)
    clear_scratch(settings)
    if not settings.exports.exists() and not (settings.home / PREVIEWS).exists():
        return 0
    with exporting(settings) as exports:
        return exports


def finish_erasures(settings: Settings) -> tuple[str, str]:
    """Rebuild the warehouse and publish, where either still holds erased data.

    Returns (warehouse, published), as in ForgetReport.

    Raises:
        PipelineError: another process locks the warehouse for too long, a table can't be computed,
            or the home folder can't be written.
    """
    as_of = as_of_or_now(settings)
    try:
        with computing(settings):
            is_new = renew_warehouse(settings, as_of)
            return "rebuilt" if is_new else "nothing to do", _publish(settings, as_of)
    except OSError as error:
        raise unwritable_home(settings, error) from None


def follow_up(settings: Settings) -> None:
    """Erase the customers that a sync found deleted from logs, exports and outdated tables.

    Raises:
        PipelineError: as finish_erasures does, or the exports can't be written.
    """
    try:
        erase_outside(settings)
    except OSError as error:
        raise unwritable_home(settings, error) from None
    if settings.published.exists() and is_set_outdated(settings):
        finish_erasures(settings)


def _erase_from_lake(settings: Settings, customer_id: str) -> tuple[bool, int, int]:
    lake = Lake(settings.lake)
    if not settings.lake.exists():
        raise _unknown(customer_id)
    with _writing(lake):
        finish_pending(lake)
        before = customer_id in load_erasures(lake).reasons
        files = 0
        if not before:
            _refuse_others(lake, customer_id)
            logger.info("Erasing the personal data of %s from the lake", customer_id)
            _clean_consents(settings.home / CONSENTS, addresses_of(lake, [customer_id]).all)
            files = sum(erase(lake, customer_id, FORGOTTEN).files.values())
        deliveries = erase_from_spool(settings.webhooks, Forgotten(load_erasures(lake)))
    return before, files, deliveries


def _refuse_others(lake: Lake, identifier: str) -> None:
    """Refuse an id that the lake doesn't know, or that is of a customer's object."""
    owner = whose(lake, identifier)
    if owner is None:
        raise _unknown(identifier)
    if owner != identifier:
        raise PipelineError(
            f"{identifier} is no customer but belongs to {owner}; to erase the personal data of "
            f"{owner}, run `stripe-pipeline forget {owner}`."
        )


def _unknown(customer_id: str) -> PipelineError:
    return PipelineError(
        f"Nothing that was read from Stripe names a customer {customer_id}; give the id as Stripe "
        "shows it, such as cus_9s6XKzkNRiz8i3."
    )


@contextmanager
def _writing(lake: Lake) -> Iterator[None]:
    """Acquire the lake's write lock; logs that it waits if another process holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(lake.writing())
        except PipelineError:
            logger.info("Waiting for the sync that is writing to %s", lake.root)
            held.enter_context(lake.writing(LAKE_PATIENCE_SECONDS))
        yield


def _clean_consents(path: Path, addresses: set[str]) -> None:
    """Remove rows with these addresses from a demo's file of consents."""
    if not path.exists():
        return
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    kept = [row for row in rows if addresses.isdisjoint(map(_address, row))]
    if len(kept) < len(rows):
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator="\n").writerows(kept)
        with replacing(path) as file:
            file.write(written.getvalue().encode())


def _address(cell: str) -> str | None:
    return mailbox_of(cell) if "@" in cell else normalize_phone(cell)


def _empty_logs(settings: Settings, erasure: int) -> None:
    """Empty dbt's and Dagster's logs once per erasure: database errors may quote personal data."""
    folder = dbt_folder(settings)
    note = folder / NOTE
    if not folder.exists() or read_note(note) == str(erasure):
        return
    shutil.rmtree(folder / "logs", ignore_errors=True)
    for name in ("dbt.log*", "run_results.json"):
        for path in (folder / "target").rglob(name):
            path.unlink(missing_ok=True)
    # Dagster and the commands store the output of dbt, which includes its log.
    for path in settings.dagster_home.glob("*.log"):
        _empty(path)
    for path in settings.dagster_home.glob("storage/*/compute_logs/*"):
        if path.with_suffix(".complete").exists() or _is_silent(path):
            _empty(path)
    write_note(note, str(erasure))


def _empty(path: Path) -> None:
    """Leave a log without content; a folder in its place goes."""
    if path.is_dir():
        remove(path)
    else:
        os.truncate(path, 0)


def _is_silent(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > _SILENT_SECONDS


def _publish(settings: Settings, as_of: datetime) -> str:
    """Replace published tables that hold erased data, or remove them if that isn't possible."""
    if not settings.published.exists():
        remove_outdated(settings)
        return "nothing to do"
    if not is_set_outdated(settings):
        return "nothing to do"
    if _may_be_published(settings, as_of):
        publish(settings)
        return "rebuilt"
    remove_outdated(settings)
    return "removed"


def _may_be_published(settings: Settings, as_of: datetime) -> bool:
    try:
        refuse_drift(settings)
    except PipelineError:
        return False
    if not settings.warehouse.exists():
        return False
    wait_for_warehouse(settings)
    return passes_tests(settings, as_of)
