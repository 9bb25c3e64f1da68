"""An asset for each campaign's file, below its segment and its channel's export."""

import logging
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.components.campaign_assets import campaign_specs
from stripe_pipeline.defs.activation import EXPORTS
from stripe_pipeline.settings import Settings, load_settings

THANKS = """
name: thanks
description: >
  Thanks to the
  best.
segment: vip
channel: email
subject: Hello
body: Thank you.
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "campaigns"
    folder.mkdir()
    (folder / "thanks.yml").write_text(THANKS)
    return load_settings(
        _env_file=None, STRIPE_PIPELINE_HOME=tmp_path, STRIPE_PIPELINE_CAMPAIGNS=folder
    )


def test_a_campaign_is_an_asset_with_meaning_and_lineage(settings: Settings) -> None:
    [spec] = campaign_specs(settings, EXPORTS)
    assert spec.key == dg.AssetKey(["campaigns", "thanks"])
    assert spec.description == "Thanks to the best. A campaign by email to the segment vip (live)."
    assert {each.asset_key.to_user_string() for each in spec.deps} == {
        "marts/segment_vip", "email_export"
    }  # fmt: skip
    assert spec.metadata["file"] == "thanks.yml"


def test_a_channel_without_an_export_adds_no_asset(settings: Settings) -> None:
    text = THANKS.replace("channel: email", "channel: letter")
    (settings.campaigns / "thanks.yml").write_text(text)
    [spec] = campaign_specs(settings, EXPORTS)
    assert [each.asset_key.to_user_string() for each in spec.deps] == ["marts/segment_vip"]


@pytest.mark.parametrize("text", ["name: broken", "- a list", "{", "", "name: a\nsegment: b"])
def test_a_broken_file_takes_no_other_campaign_away(
    settings: Settings, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.campaigns / "broken.yml").write_text(text)
    with caplog.at_level(logging.WARNING, logger="stripe_pipeline"):
        assert [spec.key.path[-1] for spec in campaign_specs(settings, EXPORTS)] == ["thanks"]
    assert "broken.yml can't be read, so it has no asset" in caplog.text


def test_a_campaign_on_a_trigger_says_after_what(settings: Settings) -> None:
    (settings.campaigns / "thanks.yml").write_text(
        THANKS.replace("segment: vip", "trigger: refund")
    )
    [spec] = campaign_specs(settings, EXPORTS)
    assert (spec.description or "").endswith("A campaign by email after refund (live).")
    assert [each.asset_key.to_user_string() for each in spec.deps] == ["email_export"]


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    settings = load_settings(
        _env_file=None,
        STRIPE_PIPELINE_HOME=tmp_path,
        STRIPE_PIPELINE_CAMPAIGNS=tmp_path / "nowhere",
    )
    assert campaign_specs(settings, EXPORTS) == []
