"""Ways to be paid: one interface, one module per provider, one register of what is configured."""
