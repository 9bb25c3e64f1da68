"""The reads that Stripe allows in 30 days: counted, and kept within."""
