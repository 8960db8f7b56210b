"""What lies where: locations, levels, reservations, the movement ledger, alerts."""
