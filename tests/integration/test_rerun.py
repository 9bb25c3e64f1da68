"""Doing everything a second time changes no row and exports nothing twice."""

from pathlib import Path

import pytest

from stripe_pipeline.activation.consent import import_consents
from stripe_pipeline.activation.export import export
from stripe_pipeline.warehouse.publish import publish
from stripe_pipeline.warehouse.renewal import renewing

from ..oracle.compare import agree, snapshot_differences
from .conftest import Mirror, Mirrored

pytestmark = pytest.mark.slow

SCHEMAS = ("staging", "marts", "activation")
MODELS = ("--exclude-resource-type", "test", "unit_test")


def _run(mirror: Mirror) -> None:
    """What the scheduled job does."""
    settings = mirror.settings()
    mirror.sync()
    with renewing(settings, mirror.question.as_of):
        mirror.warehouse.build(mirror.question, *MODELS)
    publish(settings)
    for channel in ("email", "sms"):
        export(settings, channel, mirror.question.as_of)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_second_run_changes_no_row_and_exports_nothing(mirrored: Mirrored) -> None:
    with mirrored(1) as mirror:
        import_consents(mirror.settings(), mirror.warehouse.home / "consents.csv")
        _run(mirror)
        mirror.warehouse.build(mirror.question, *MODELS)  # the outbox now knows what was exported
        rows = mirror.warehouse.snapshot(*SCHEMAS)
        exports = _files(mirror.settings().exports)
        assert any(name.endswith("email.csv") for name in exports)
        _run(mirror)
        agree(snapshot_differences(rows, mirror.warehouse.snapshot(*SCHEMAS)))
        assert _files(mirror.settings().exports) == exports
