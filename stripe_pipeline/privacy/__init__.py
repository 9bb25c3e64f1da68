"""Whose personal data is gone: erase it from the lake, and keep it out of what is read later."""
