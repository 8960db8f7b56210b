"""Shop window: home, category, search, product, store, texts, media."""
