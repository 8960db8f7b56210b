"""Years of somebody else's sales, lived again through the services of this shop."""
