"""The cart: pages and changes."""
