"""Where feeds are kept: one adapter for each store."""
