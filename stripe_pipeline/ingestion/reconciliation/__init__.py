"""Compare the lake with all that Stripe lists, and repair what differs."""
