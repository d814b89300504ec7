"""
The Incidents API: a reader, an actor, and the vendor's rows turned into our values.

Uses `incidents.coralogix.http` and the vocabulary.
"""
