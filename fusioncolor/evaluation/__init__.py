"""Colorizers and photographs -> tables and a report."""
