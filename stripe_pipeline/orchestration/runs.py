"""Runs: Dagster's instance in the home folder, a run in this process, and a run's as-of instant."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from filelock import FileLock, Timeout

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.notes import read_note, write_note
from stripe_pipeline.home import Home
from stripe_pipeline.orchestration.damaged_history import set_damaged_aside
from stripe_pipeline.orchestration.findings import Finding, findings
from stripe_pipeline.orchestration.history import without_waiting_for_the_disk
from stripe_pipeline.orchestration.lost_runs import IN_PROCESS_TAG, close_lost_runs_without_ui
from stripe_pipeline.orchestration.waiting import logging_waits
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import AsOf, chosen_as_of, tagged_as_of
from stripe_pipeline.settings.demo_mark import is_demo
from stripe_pipeline.warehouse.transform import make_folder, unwritable_home

AS_OF_TAG = "stripe_pipeline/as_of"
# Where the as-of instant was given; `now` where it is the run's start time.
SOURCE_TAG = "stripe_pipeline/as_of_source"
NOW = "now"
JOB = "stripe_pipeline"
# Dagster writes each of its events to the console; the history in the home folder has them all.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run_as_of(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, settings: Settings
) -> datetime:
    """Return the instant, in UTC, that a run computes for; see `as_of_of`.

    Raises:
        UsageError: it isn't a valid instant, or is later than now.
    """
    return as_of_of(context.instance, context.run, settings).instant


def as_of_of(instance: dg.DagsterInstance, run: dg.DagsterRun, settings: Settings) -> AsOf:
    """Return a run's as-of instant, the same in every process that runs one of its steps.

    The run's own tag takes precedence over the setting STRIPE_PIPELINE_AS_OF, and that over the
    run's start time, in whole seconds.

    Raises:
        UsageError: it isn't a valid instant, or is later than now.
    """
    if tag := run.tags.get(AS_OF_TAG):
        source = run.tags.get(SOURCE_TAG, f"the run's tag {AS_OF_TAG}")
        return tagged_as_of(tag, "" if source == NOW else source, settings)
    if settings.as_of or is_demo(settings.home):
        return chosen_as_of(settings)
    record = instance.get_run_record_by_id(run.run_id)
    started = record.start_time if record else None
    instant = datetime.fromtimestamp(started, UTC) if started else datetime.now(UTC)
    return AsOf(instant.replace(microsecond=0))


def prepare_dagster_home(settings: Settings) -> Path:
    """Create the folder of Dagster's run history, with the project's dagster.yaml in it.

    A damaged database in it is renamed, and a new one is created.

    Raises:
        PipelineError: the home folder can't be written.
    """
    folder = make_folder(settings, settings.dagster_home)
    try:
        _write_dagster_yaml(folder / "dagster.yaml")
        set_damaged_aside(folder)
    except OSError as error:
        raise unwritable_home(settings, error) from None
    return folder


def _write_dagster_yaml(path: Path) -> None:
    """Write dagster.yaml only if it differs: a run and the UI may start at the same moment."""
    wanted = (PROJECT_ROOT / path.name).read_text(encoding="utf-8")
    if read_note(path) != wanted:
        write_note(path, wanted)


def execute(
    definitions: dg.Definitions,
    home: Home,
    as_of: AsOf,
    *,
    run_id: str,
    groups: Collection[str] = (),
    full: bool = False,
) -> None:
    """Run the job `stripe_pipeline` in this process, recorded in Dagster's history as `run_id`.

    `definitions` are those of `home`. `groups` names the asset
    groups to run, all of them by default; `full` reads all of Stripe again instead of what changed.
    What the checks found is read afterwards, with `findings_of`.

    Raises:
        PipelineError: a step failed (its own message), or another run is active in this home.
    """
    settings = home.settings
    with _only_run(settings), dagster_instance(settings) as instance:
        _close_dead_runs(instance)
        close_lost_runs_without_ui(instance, settings.dagster_home)
        with _ended_like_any_other(), logging_waits(instance, run_id):
            definitions.resolve_job_def(JOB).execute_in_process(
                instance=instance,
                run_id=run_id,
                tags=_tags(as_of),
                run_config={**_QUIET, **_sync_config(full)},
                asset_selection=_keys(definitions, groups) if groups else None,
            )


def _tags(as_of: AsOf) -> dict[str, str]:
    return {
        AS_OF_TAG: as_of.instant.isoformat(),
        SOURCE_TAG: as_of.source or NOW,
        IN_PROCESS_TAG: "true",
    }


def findings_of(settings: Settings, run_id: str) -> list[Finding]:
    """Return the findings of a recorded run's checks; none where the run never started."""
    with dagster_instance(settings) as instance:
        return findings(instance, run_id)


@contextmanager
def _ended_like_any_other() -> Iterator[None]:
    """Convert Dagster's interrupt, which it has recorded, to KeyboardInterrupt."""
    try:
        yield
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None


def _sync_config(full: bool) -> dict[str, Any]:
    return {"ops": {"stripe": {"config": {"full": full}}}}


def _keys(definitions: dg.Definitions, groups: Collection[str]) -> list[dg.AssetKey]:
    specs = definitions.resolve_all_asset_specs()
    return [spec.key for spec in specs if spec.group_name in groups and spec.key.path[0] != "lake"]


@contextmanager
def _only_run(settings: Settings) -> Iterator[None]:
    """Hold the home's run lock; the operating system frees it if this process crashes."""
    lock = FileLock(prepare_dagster_home(settings) / ".run.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise PipelineError(
            f"Another run is going on in {settings.home}; wait until it has finished, or name "
            "another folder in STRIPE_PIPELINE_HOME."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def dagster_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the home's run history for the length of a block.

    Raises:
        PipelineError: the home folder can't be written.
    """
    folder = str(prepare_dagster_home(settings))
    with without_waiting_for_the_disk(Path(folder)):
        instance = dg.DagsterInstance.from_config(folder)
        try:
            yield instance
        finally:
            instance.dispose()


def _close_dead_runs(instance: dg.DagsterInstance) -> None:
    """Fail the runs whose process was killed, as they would hold their pool slots forever.

    Call it only under the run lock, when no run of this kind can be alive.
    """
    unfinished = dg.RunsFilter(
        tags={IN_PROCESS_TAG: "true"},
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING],
    )
    for run in instance.get_runs(unfinished):
        instance.report_run_failed(run, "The process of this run ended before the run did.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
