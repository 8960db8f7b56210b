"""Goods: categories, products, variants, pictures, listing rows, search, import."""
