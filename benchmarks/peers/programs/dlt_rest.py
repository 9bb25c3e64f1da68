"""dlt's REST source into DuckDB: Stripe's paging as its documentation describes such lists.

dlt's own Stripe source isn't on PyPI. Run with the environment of dlt_rest.txt:
`python dlt_rest.py BASE FOLDER`.
"""

import os
import sys
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from dlt.sources.rest_api import rest_api_source
from requests import Request, Response

PARAMETERS = {
    "customers": {"limit": 100},
    "invoices": {"limit": 100},
    "subscriptions": {"limit": 100, "status": "all"},
}


class StripePaginator(BasePaginator):
    """The next page starts after the last object of this one."""

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Remember where the next page starts."""
        self._has_next_page = response.json()["has_more"]
        self._last = data[-1]["id"] if data else None

    def update_request(self, request: Request) -> None:
        """Ask for the page after the last object."""
        request.params["starting_after"] = self._last


def main(base: str, folder: Path) -> None:
    """Load three resources; dlt makes child tables of their nested lists."""
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{base}/v1/",
                "auth": {"type": "bearer", "token": os.environ["STRIPE_API_KEY"]},
                "paginator": StripePaginator(),
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "replace"},
            "resources": [
                {
                    "name": name,
                    "endpoint": {"path": name, "params": parameters, "data_selector": "data"},
                }
                for name, parameters in PARAMETERS.items()
            ],
        }
    )
    pipeline = dlt.pipeline(
        "stripe",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "tables.duckdb")),
        dataset_name="stripe",
    )
    print(pipeline.run(source))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
