"""A run in the terminal: everything that can be wrong is said before anything is written."""

import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.demo.home import require_right_home
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import naming_the_disk
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.mirror.key_mode import refuse_other_mode
from stripe_pipeline.inputs.exchange_rates import check_exchange_rates
from stripe_pipeline.inputs.person_overrides import check_overrides
from stripe_pipeline.settings.base_address import check_base
from stripe_pipeline.settings.clock import AsOf
from stripe_pipeline.stripe_client.http.keys import require_key
from stripe_pipeline.terminal.findings import heading
from stripe_pipeline.terminal.progress import progress
from stripe_pipeline.terminal.stopping import ended_by_sigterm
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError
from stripe_pipeline.warehouse.manifest import prepare_manifest
from stripe_pipeline.warehouse.transform import make_folder, wait_for_warehouse

if TYPE_CHECKING:
    from stripe_pipeline.orchestration.findings import Finding

logger = logging.getLogger(__name__)


def run_in_terminal(
    home: Home, as_of: AsOf, *, groups: Collection[str] = (), full: bool = False
) -> "list[Finding]":
    """Run the job, or some of its asset groups, with progress on stderr.

    Returns what its checks found. Of a run that fails, that is shown before the error is raised.

    Raises:
        UsageError: the key, the address of the API, a campaign file, the overrides file or the
            file of exchange rates is wrong.
        PipelineError: the home folder, the warehouse or a step of the run fails.
    """
    settings = home.settings
    refuse_other_mode(settings, require_key(settings))
    check_base(settings.stripe_api_base, settings.allow_api_base)
    require_right_home(settings)
    load_campaigns(settings)
    check_overrides(settings)
    check_exchange_rates(settings)
    folder = make_folder(settings, settings.dagster_home)
    command = "sync" if groups else "run"
    with (
        ended_by_sigterm(command),
        naming_the_disk(settings.home),
        progress(folder / "run.log"),
        ThreadPoolExecutor(1) as background,
    ):
        # Parsing dbt the first time takes as long as importing Dagster: both at once.
        manifest = background.submit(prepare_manifest, settings)
        with suppress(DamagedWarehouseError):  # the step that computes the tables mends it
            wait_for_warehouse(settings)
        import stripe_pipeline.orchestration.dbt_assets  # noqa: F401 (what takes long to import)
        from stripe_pipeline.orchestration.runs import execute, findings_of

        manifest.result()
        from stripe_pipeline.definitions import definitions_of

        definitions = definitions_of(home)
        run_id = str(uuid4())
        try:
            execute(definitions, home, as_of, run_id=run_id, groups=groups, full=full)
        except PipelineError:
            _show(findings_of(settings, run_id))
            raise
        if groups:
            # What is published of the erased would stay until the next whole run.
            from stripe_pipeline.forget import follow_up

            follow_up(settings)
        return findings_of(settings, run_id)


def _show(found: "list[Finding]") -> None:
    """Show what the checks found as lines of the progress, before the sentence that ends it."""
    for line in [heading(found), *(each.line for each in found)] if found else []:
        logger.warning(line)
