"""Every relative link and anchor of the Markdown files leads somewhere."""

import subprocess
from pathlib import Path

import pytest

from doc_pages.markdown import anchors, links
from stripe_pipeline.process.environment import PROJECT_ROOT


def _pages() -> list[Path]:
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
               "--exclude-standard", "*.md"]  # fmt: skip
    listed = subprocess.run(
        command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = (PROJECT_ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.exists()]


PAGES = _pages()
# A link of dbt's docs site to a model.
DBT_DOCS = "#!/model/model.stripe_pipeline."
MODELS = {path.stem for path in (PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql")}
# What the segment files become.
MODELS |= {f"segment_{path.stem}" for path in (PROJECT_ROOT / "segments").glob("*.yml")}


def broken(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    found = []
    for link in links(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if "://" in link or link.startswith("mailto:"):
            continue
        if link.startswith(DBT_DOCS):
            found += [] if link.rpartition(".")[2] in MODELS else [link]
        elif not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT_ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_wrong_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# What's `new`, and old\n\n## Twice\n\n## Twice\n")
    page.write_text(
        "# Here\n\n[a](other.md) [b](other.md#whats-new-and-old) [c](#here) [d](other.md#twice-1)\n"
        "![e](gone.png) [f](other.md#gone) [g](#gone) `[h](code.md)`\n\n    [i](code.md)\n"
        "\n```\n[j](code.md)\n```\n\n[k](https://shop.example/page#anything)\n"
        f"[l]({DBT_DOCS}orders) [m]({DBT_DOCS}gone)\n"
    )
    assert broken(page) == ["gone.png", "other.md#gone", "#gone", f"{DBT_DOCS}gone"]
