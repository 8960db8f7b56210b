"""Xiaopu: the storefront that a small merchant can start with one command."""
