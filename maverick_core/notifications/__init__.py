"""People are told of incidents: once each, whatever is lost on the way."""
