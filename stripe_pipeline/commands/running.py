"""A run in the terminal: everything that can be wrong is said before anything is written."""

from collections.abc import Collection
from datetime import datetime

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.demo import require_right_home
from stripe_pipeline.progress import progress
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_api.home import refuse_other_mode
from stripe_pipeline.stripe_api.keys import require_key


def run_in_terminal(
    settings: Settings, as_of: datetime, *, groups: Collection[str] = (), full: bool = False
) -> None:
    """Run the job, or some of its asset groups, with progress on stderr.

    Raises:
        UsageError: the key or a campaign file is wrong.
        PipelineError: the home folder, the warehouse or a step of the run fails.
    """
    refuse_other_mode(settings, require_key(settings))
    require_right_home(settings)
    load_campaigns(settings)
    # Dagster takes seconds to import; a wrong key need not wait for it.
    from stripe_pipeline.runs import execute, prepare_dagster_home
    from stripe_pipeline.transform import wait_for_warehouse

    folder = prepare_dagster_home(settings)
    with progress(folder / "run.log"):
        wait_for_warehouse(settings)
        execute(settings, as_of, groups=groups, full=full)
