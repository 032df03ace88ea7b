"""Every contact is in exactly one bucket, from the page it was found on to Email Bison."""
