"""The tests: what the shop promises, asked through its public doors."""
