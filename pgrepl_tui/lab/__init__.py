"""An embedded pair of hosts on loopback, for the demo, for rehearsal and for tests."""
