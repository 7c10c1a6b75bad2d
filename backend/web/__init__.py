"""What API, pages and sockets share of a request: services, acting user, permission."""
