"""Other tools at the same task: customers, invoices with all lines, subscriptions, in tables."""
