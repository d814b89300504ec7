"""One adapter for each thing a desktop offers."""
