"""A terminal wizard that sets up PostgreSQL streaming replication over SSH and proves it."""

__version__ = "0.1.0"
