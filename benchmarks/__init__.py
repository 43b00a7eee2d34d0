"""Measurements: ``python -m benchmarks`` with real servers, ``python -m benchmarks engine`` without a network."""
