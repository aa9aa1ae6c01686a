"""What PostgreSQL is: versions, files, positions, messages. The only place that knows them."""
