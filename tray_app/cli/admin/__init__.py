"""An operator's commands: the table, the registry, the health of a deployment."""
