"""Who shops and sells: users, credentials, sessions, address books."""
