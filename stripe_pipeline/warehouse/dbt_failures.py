"""Say in one sentence why a dbt run failed, and what to do about it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import disk_trouble_in, hardly_any_room
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError, is_damage
from stripe_pipeline.warehouse.dbt_folders import dbt_folder


class _Results(msgspec.Struct):
    results: list[dict[str, Any]]


def dbt_failure(settings: Settings) -> PipelineError:
    """Return the error of the newest dbt run in this home, from dbt's run results."""
    results = _failed(dbt_folder(settings) / "target" / "run_results.json")
    messages = [result.get("message") or "" for result in results]
    if any(is_damage(message) for message in messages):
        return DamagedWarehouseError(settings.warehouse)
    # The table on which the disk is full needn't be the one that filled it.
    troubles = (disk_trouble_in(message, settings.home) for message in messages)
    if sentence := next(filter(None, troubles), None):
        return PipelineError(sentence)
    if not results and (sentence := hardly_any_room(settings.home)):
        return PipelineError(sentence)
    if not results:
        return PipelineError(
            "dbt stopped before it finished; `make ui` shows why, in the full log of the run."
        )
    return PipelineError(_sentence(results))


def _failed(path: Path) -> list[Mapping[str, Any]]:
    try:
        results = msgspec.json.decode(path.read_bytes(), type=_Results).results
    except (OSError, msgspec.MsgspecError):  # dbt was killed, or the disk is full
        return []
    return [result for result in results if result["status"] in ("fail", "error", "runtime error")]


def _sentence(results: Sequence[Mapping[str, Any]]) -> str:
    first = results[0]
    kind = first["unique_id"].split(".")[0]
    name = first["unique_id"].split(".")[2]
    others = f" ({len(results) - 1} more failed after it)" if len(results) > 1 else ""
    if kind == "test":
        return (
            f"The check {name} failed{others}: {_harmless(first['message'])}. Nothing was exported;"
            " `make ui` shows the check with its description under the asset that it belongs to."
        )
    return (
        f"The table {name} could not be computed{others}: {_harmless(first['message'])}. Nothing "
        "was exported; `make ui` shows the full log of the run."
    )


def _harmless(message: str | None) -> str:
    """Return the first line of a database's message, without the values that it quotes.

    A value may contain quotes itself, and a Python function's message has none around it.
    """
    lines = [line.strip() for line in (message or "no reason given").splitlines() if line.strip()]
    text = lines[1] if len(lines) > 1 and "Error in" in lines[0] else lines[0]
    text = re.sub(r"(executing the UDF).*", r"\1", re.sub(r"\".*\"|'.*'", "'...'", text))
    return text.rstrip(".")
