"""Bring what Stripe says into the lake: everything once, then what changed."""
