"""The REST API: `http` is its edge, `routes` the one table of what is served, the other files what each route does."""
