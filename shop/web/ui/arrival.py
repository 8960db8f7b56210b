"""How long a parcel was on its way before stores promised dates: for orders of that time."""

from datetime import timedelta

SOONEST = timedelta(days=2)
LATEST = timedelta(days=4)
