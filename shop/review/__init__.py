"""What verified buyers say of what they bought."""
