"""Remarkable lives: one for each thing that real accounts have and tests must meet."""

from stripe_pipeline.demo_store.special_guests import GUESTS
from stripe_pipeline.demo_store.special_payments import PAYMENTS, abandoning, credited
from stripe_pipeline.demo_store.special_plans import PLANS
from stripe_pipeline.demo_store.special_subscriptions import (
    SUBSCRIPTIONS,
    Life,
    downgraded,
    lapsed,
    newcomer,
)

# Those that leave credit come last: it would pay for invoices that others need unpaid.
SPECIALS: list[Life] = [*SUBSCRIPTIONS, *PAYMENTS, *PLANS, *GUESTS, downgraded, credited]
# What makes these remarkable is what didn't happen, so they go with no other life.
ALONE: list[Life] = [lapsed, newcomer, abandoning]
