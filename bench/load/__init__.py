"""Crowds at the whole shop: how fast it serves them, and whether everything is right afterwards."""
