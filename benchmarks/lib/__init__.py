"""Shared by the benchmark scripts: photographs to work on, timing, tables, and the parts of fusioncolor they time."""
