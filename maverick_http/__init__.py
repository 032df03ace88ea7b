"""Drives the core over HTTP: Falcon on gunicorn, JSON in and out (``wsgi`` is what it loads)."""
