"""The style sheets: one a screen, and a theme."""
