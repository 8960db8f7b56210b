"""RQ jobs: outbox delivery, housekeeping, and the schedule of all periodic ones."""
