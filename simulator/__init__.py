"""A simulated Coralogix over real HTTP, and the demonstration that runs on it."""
