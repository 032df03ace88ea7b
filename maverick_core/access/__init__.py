"""Who may ask for what: keys and their scopes, the audit log, requests that may come twice."""
