"""Member levels of a store and what they are worth."""
