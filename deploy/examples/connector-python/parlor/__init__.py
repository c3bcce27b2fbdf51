"""The connector of a made-up channel, Parlor."""
