"""Pages of no domain: the door (`/`), health, robots, language and theme."""
