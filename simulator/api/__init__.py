"""The HTTP API of the simulated Coralogix: routes, JSON, faults. Uses `world`."""
