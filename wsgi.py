"""The WSGI entry: ``gunicorn wsgi:app``."""

import gc

import pypinyin  # noqa: F401 - loaded now: no visitor who searches in Chinese waits for its readings

from shop.app import create_app

app = create_app()

# The shop with its libraries is half a million objects that stay. Without this every full collection looks
# at each of them, a fifth of a second that some visitor waits for.
gc.collect()
gc.freeze()
