"""The lake as one account's mirror: what it holds already, and how it is written."""
