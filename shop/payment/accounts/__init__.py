"""Accounts at payment providers that operators keep in the database."""
