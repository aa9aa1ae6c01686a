"""How a host is reached: SSH, shell commands, files, detached jobs. Nothing of PostgreSQL."""
