"""Load Stripe into the lake: a full backfill first, then what changed."""
