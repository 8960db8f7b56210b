"""What the tests stand on: databases, a queue, a browser, and the word for what is missing."""
