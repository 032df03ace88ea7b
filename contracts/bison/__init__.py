"""What Email Bison does, as far as we rely on it."""
