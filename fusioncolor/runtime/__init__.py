"""The machine: backend, arithmetic, threads, interruptions."""
