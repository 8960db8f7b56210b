"""Figures read from what happened."""
