"""From a store to news: poll the feeds and follow each from its cursor."""
