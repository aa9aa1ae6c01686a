"""Debian hosts in namespaces of their own, with OpenSSH, sudo and PostgreSQL as Debian ships them."""
