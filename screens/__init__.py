"""The screens: one file a screen. They draw a session's state and never touch a host."""
