"""Write every generated page that needs no run of the pipeline."""

from pathlib import Path

from doc_pages.decisions import index_page

PROJECT = Path(__file__).parents[1]


def main() -> None:
    """Write the pages."""
    decisions = PROJECT / "docs" / "decisions"
    (decisions / "README.md").write_text(index_page(decisions), encoding="utf-8")


if __name__ == "__main__":
    main()
