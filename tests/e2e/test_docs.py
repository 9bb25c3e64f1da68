"""`stripe-pipeline docs`: from a token to its meaning, tests, SQL and lineage, click by click."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from ..conftest import clean_environment
from .dagster_ui import CHROMIUM, browser_page, free_port

START_SECONDS = 240
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def url(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The docs of the demo, served by the command until the tests are done."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "stripe_pipeline.cli", "docs", "--port", str(port)],
        env={**clean_environment(), "STRIPE_PIPELINE_HOME": str(demo_home)},
        cwd=tmp_path_factory.mktemp("folder"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        said, complained = process.communicate(timeout=60)
    assert process.returncode == 0, complained
    assert address in said


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None
        try:
            httpx.get(url, timeout=60)
            return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(f"nothing answered at {url}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with browser_page() as opened:
        yield opened


@pytest.fixture
def overview(browser: Page, url: str) -> Page:
    browser.goto(f"{url}/#!/overview")
    return browser


@pytest.fixture
def profiles(browser: Page, url: str) -> Page:
    browser.goto(f"{url}/#!/model/model.stripe_pipeline.customer_profiles")
    return browser


def test_the_docs_are_served_in_one_page(url: str) -> None:
    text = httpx.get(url, timeout=60).text
    assert "customer_profiles" in text
    assert text.count("tr.column-row") >= 2, "the style that shows whole meanings is missing"


@needs_browser
def test_the_first_page_leads_to_the_fields(overview: Page) -> None:
    expect(overview.get_by_role("heading", name="What every number means")).to_be_visible()
    overview.get_by_role("link", name="customer_profiles").first.click()
    expect(overview.get_by_role("heading", name=re.compile("customer_profiles"))).to_be_visible()


@needs_browser
def test_a_meaning_is_read_without_a_click(profiles: Page) -> None:
    row = profiles.locator("tr.column-row").filter(has_text="stripe_total_sales").first
    meaning = row.locator("td").nth(2)
    expect(meaning).to_contain_text("What the customer has paid in all")
    box = meaning.bounding_box()
    assert box is not None
    assert box["width"] > 200
    row.click()
    expect(profiles.get_by_text("Example: 1234.50").first).to_be_visible()


@needs_browser
def test_tests_sql_and_lineage_are_on_the_same_page(profiles: Page) -> None:
    profiles.get_by_role("listitem").filter(
        has_text=re.compile(r"^\s*Data Tests\s*$")
    ).first.click()
    expect(
        profiles.get_by_text("is_key_customer_profiles_stripe_customer_id").first
    ).to_be_visible()
    profiles.get_by_text("Compiled", exact=True).first.click()
    sql = profiles.locator("code").filter(has_text="stripe_total_sales")
    expect(sql.filter(has_text="intermediate").first).to_be_visible()
    profiles.locator(".launcher-btn a").click()
    expect(profiles.get_by_text("Lineage Graph").first).to_be_visible()
