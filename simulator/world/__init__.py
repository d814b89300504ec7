"""What is true in the simulated account: incidents, people, and how they change."""
