"""Suppressions: addresses that get no messages, on one channel or all, until they are lifted."""

import unicodedata
from datetime import UTC, datetime
from typing import get_args

from stripe_pipeline.activation.addresses import LedgerChannel, normalize_address, same_address
from stripe_pipeline.activation.contract import near_miss
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.settings import Settings

ALL = "all"
CHANNELS = (*get_args(LedgerChannel), ALL)


def suppress(settings: Settings, channel: str, address: str, reason: str) -> bool:
    """Suppress an address from now on; return False where it was suppressed already.

    `channel` is email, sms, push or all.

    Raises:
        UsageError: the channel or address is wrong, or no reason is given.
        PipelineError: the home folder can't be written, or another process holds the ledgers.
    """
    return _set(settings, channel, address, reason, is_active=True)


def lift(settings: Settings, channel: str, address: str, reason: str) -> bool:
    """Lift the suppression of an address on exactly this channel; return False if there was none.

    A suppression on all channels is lifted with `all` only. Consent is still required.

    Raises: as `suppress`.
    """
    return _set(settings, channel, address, reason, is_active=False)


def _set(settings: Settings, channel: str, address: str, reason: str, *, is_active: bool) -> bool:
    spelled = spell(channel, address)
    if not reason.strip():
        raise UsageError("A suppression needs a reason; say in a few words why.")
    lake = Lake(settings.lake)
    with lake.recording(LEDGER_PATIENCE_SECONDS):
        if _is_active(lake, channel, spelled) == is_active:
            return False
        row = {
            "channel": channel,
            "address": spelled,
            "reason": reason.strip(),
            "is_active": is_active,
            "recorded_at": datetime.now(UTC),
        }
        lake.append("suppression_entries", entries("suppression_entries", [row]), cursor={})
    return True


def kind_of(channel: str, address: str) -> str:
    """Return the channel whose addresses have this one's form."""
    return channel if channel != ALL else "email" if _has_at(address) else "sms"


def _has_at(address: str) -> bool:
    return "@" in unicodedata.normalize("NFKC", address) or "%40" in address


def spell(channel: str, address: str) -> str:
    """Normalize an address of a channel, or of all channels.

    Raises:
        UsageError: there is no such channel, or the address can't be one.
    """
    if channel not in CHANNELS:
        hint = near_miss(channel, CHANNELS)
        raise UsageError(f"The channel is {' or '.join(CHANNELS)}, not {channel}{hint}")
    kind = kind_of(channel, address)
    spelled = normalize_address(kind, address)
    if spelled is None:
        raise UsageError(
            f"The address can't be one for {kind}; give an email address, or a phone number with "
            "its country code such as +12015550123."
        )
    return spelled


def _is_active(lake: Lake, channel: str, address: str) -> bool:
    """Return whether the newest entry of the channel and address suppresses it.

    Without an entry it isn't suppressed. Older entries may have the address not normalized.
    """
    kind, active = kind_of(channel, address), False
    for batch in lake.read("suppression_entries", ["channel", "address", "is_active"]):
        for row in batch.to_pylist():
            if row["channel"] == channel and same_address(kind, row["address"]) == address:
                active = row["is_active"]
    return active


def active_channels(settings: Settings, channel: str, address: str) -> set[str]:
    """Return the channels, `all` included, on which an address is suppressed."""
    lake, spelled = Lake(settings.lake), spell(channel, address)
    return {each for each in CHANNELS if _is_active(lake, each, spelled)}
