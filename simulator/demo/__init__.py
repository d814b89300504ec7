"""`make demo`: the whole product on one machine, against the simulated Coralogix."""
