"""The fast tier: whole runs of the real engine and its real steps, on two pretended machines, in virtual time.

A machine has real folders, and the programs of a pretended 9.6 server (``tests/golden/pretended``) that are called in
this process. Looks are answered here, as a shell would answer them (``test_answers.py`` asks a shell as well); what
changes something goes through a real shell, or through the same program text.
"""
