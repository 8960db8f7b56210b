"""Tools of the people who work on the shop; nothing here is needed to run it."""
