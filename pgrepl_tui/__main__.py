"""``python -m pgrepl_tui`` is ``pgrepl-tui``."""

import sys

from pgrepl_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
