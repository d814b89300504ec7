"""
How Coralogix says it: the vendor's HTTP API over a simulated world.

Uses `simulator.world`.
"""
