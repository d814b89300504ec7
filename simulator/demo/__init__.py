"""The whole product on this machine, with the simulator. Uses `api` and `world`."""
