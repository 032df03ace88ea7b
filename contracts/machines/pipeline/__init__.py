"""The whole way of a contact, from a messy list or a page of a site to the destination."""
