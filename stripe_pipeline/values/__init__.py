"""Values that every package shares, and that import no package: money, days, Stripe objects."""
