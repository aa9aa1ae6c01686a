"""A pretended pair of 9.x servers: real folders, real processes, and programs that act as that version's own.

What they print, refuse and accept follows the manuals and sources that the golden files name. Nothing here imports the
program under test.
"""
