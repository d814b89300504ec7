"""A Coralogix that lives: incidents, people and faults, over real HTTP."""
