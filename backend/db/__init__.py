"""Tables and queries. Owns every table; knows nothing of requests, URLs or threads."""
