"""Measurements that run in a process of their own, started with `lib.processes.run_apart`."""
