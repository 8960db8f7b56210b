"""`make run`: everything the shop needs, started together and stopped together.

Pure standard library, and imports nothing of `shop`: it runs before the virtual
environment exists, and makes it.
"""
