"""The writer on AWS: read Coralogix, record what changed."""
