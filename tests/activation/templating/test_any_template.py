"""What passes the check fails for no one: random templates, rendered for random customers."""

from datetime import date, timedelta
from random import Random

import pyarrow as pa

from stripe_pipeline.activation.contract import load_contract
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.templating.samples import FORMATTING, arrow_type
from stripe_pipeline.activation.values import liquid_rows
from tests.activation.templating.any_template import COLUMNS, AnyTemplate, any_customer
from tests.properties.extent import is_soak
from tests.variants import variants

TEMPLATES = 2_000 if is_soak else 100
CUSTOMERS = 60


@variants("seed", range(4))
def test_what_passes_the_check_fails_for_no_one(seed: int) -> None:
    chance, contract = Random(seed), load_contract()
    types = {name: contract.profile_types[name] for name in COLUMNS}
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in types.items()])
    passed = 0
    for _ in range(TEMPLATES):
        template = Template(AnyTemplate(chance).write(), html=chance.random() < 0.3)
        try:
            template.check(contract)
        except TemplateError:
            continue
        passed += 1
        rows = [any_customer(chance, types) for _ in range(CUSTOMERS)]
        for profile in liquid_rows(pa.RecordBatch.from_pylist(rows, schema=schema), FORMATTING):
            today = date(2026, 1, 1) + timedelta(days=chance.randrange(900))
            extras = {"today": today, "reporting_currency": "usd", "campaign": "c", "segment": "s"}
            template.render(profile, extras)
    assert passed > TEMPLATES // 10
