"""Runs of imports: what each did to every product, and taking it back."""
