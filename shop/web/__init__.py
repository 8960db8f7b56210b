"""Delivery over HTTP: parse and check, call a service inside one transaction, render."""
