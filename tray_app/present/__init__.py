"""From state and decisions to words, menu rows and pictures as data. Pure."""
