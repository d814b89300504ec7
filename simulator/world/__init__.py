"""The simulated incidents, people and their history: what is true. No I/O, no JSON."""
