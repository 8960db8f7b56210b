"""Providers' daily bills as plain values."""
