"""What is written and sent to 9.1 to 9.6: golden files from the manuals, and whole runs on pretended servers."""
