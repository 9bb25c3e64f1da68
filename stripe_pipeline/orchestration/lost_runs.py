"""Runs of the web UI whose process is gone: they would keep their places in the pools for good."""

import dagster as dg

from stripe_pipeline.orchestration.runs import IN_PROCESS_TAG

_ENDED = "The process of this run ended before the run did: the web UI was stopped or killed."
_UNDER_WAY = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def close_lost_runs(instance: dg.DagsterInstance) -> int:
    """Fail the runs that an earlier web UI left under way, and free their places in the pools.

    Only called under the UI's lock, when no process of another UI is alive. Runs that
    `stripe-pipeline run` executes itself are left alone. Returns how many were closed.
    """
    runs = instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY))
    lost = [run for run in runs if IN_PROCESS_TAG not in run.tags]
    for run in lost:
        instance.report_run_failed(run, _ENDED)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(lost)
