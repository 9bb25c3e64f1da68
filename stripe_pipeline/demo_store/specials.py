"""Remarkable lives: one for each thing that real accounts have and tests must meet."""

from stripe_pipeline.demo_store.special_payments import PAYMENTS
from stripe_pipeline.demo_store.special_subscriptions import SUBSCRIPTIONS, Life

SPECIALS: list[Life] = [*SUBSCRIPTIONS, *PAYMENTS]
