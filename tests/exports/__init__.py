"""The exports in the tools that they are made for: asciinema's player and a browser."""
