"""Benchmarks: how much a page costs, measured beside a bare view in the same run."""
