"""One compiled network for all cameras: its requests and the turns in which they are used."""
