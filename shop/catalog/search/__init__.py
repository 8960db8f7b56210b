"""Finding goods by words: one analyser for both databases, an index in each one's own way."""
