"""What libraries know of names, numbers and domains."""

from maverick_adapters.cleaning.cleaner import LibraryCleaner
from maverick_adapters.cleaning.disposable import PackagedDomains

__all__ = ["LibraryCleaner", "PackagedDomains"]
