"""People: sign-in, registration, profile, addresses, orders."""
