"""What libraries know of names, numbers and domains."""

from maverick_adapters.cleaning.cleaner import LibraryCleaner
from maverick_adapters.cleaning.disposable import DomainsInForce, PackagedDomains

__all__ = ["DomainsInForce", "LibraryCleaner", "PackagedDomains"]
