"""Messages to people: templates, senders, and the record of what was sent."""
