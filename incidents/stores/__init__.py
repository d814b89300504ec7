"""Where feeds are stored: one adapter for each store, and one stored form."""
