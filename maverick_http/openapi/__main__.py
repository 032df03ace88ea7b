"""``python -m maverick_http.openapi``: print the document, as it is kept in the tree."""

from __future__ import annotations

import sys

from maverick_http.openapi.document import as_text, document
from maverick_http.resources import RESOURCES

sys.stdout.write(as_text(document(RESOURCES)))
