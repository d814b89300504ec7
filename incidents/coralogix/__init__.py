"""The Coralogix incidents API, as one reader and one actor."""
