"""From state and decisions to words, menu and icon. Imports policy and model. Pure."""
