"""The contract of the API, made from the routes' declarations (OpenAPI 3.1).

``contracts/openapi.json`` is this document as it stands, ``contracts/openapi-released.json`` as it
was last released: what breaks clients of that one is refused (``breaking``).
"""
