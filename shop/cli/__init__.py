"""Operators' commands: one file per noun."""
