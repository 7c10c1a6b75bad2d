"""Pictures of the site from above that locations stand on."""
