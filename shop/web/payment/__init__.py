"""Paying: waiting page, provider's return, notifies."""
