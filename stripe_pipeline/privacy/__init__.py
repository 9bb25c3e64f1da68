"""Erase customers' personal data from the lake, and keep it out of what is read later."""
