"""From checkout to receipt: orders, shipments, timeline."""
