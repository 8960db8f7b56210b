"""A merchant's shop on the platform, its staff and their permissions."""
