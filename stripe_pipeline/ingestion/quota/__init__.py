"""The API reads that Stripe allows in 30 days: their count and budget."""
