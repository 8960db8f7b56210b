"""What a shopper has picked but not yet bought."""
