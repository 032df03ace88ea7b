"""What is done around every request, whether or not there is a route for it."""
