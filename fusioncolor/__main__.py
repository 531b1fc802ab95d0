"""`python -m fusioncolor`, and `python path/to/fusioncolor` where the package is not installed."""

import sys
from pathlib import Path

if not __package__:  # started by its path: the folder to import from is the one above
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

try:
    from fusioncolor.cli.commands import main

    sys.exit(main())
except KeyboardInterrupt:  # before a command has begun
    sys.exit(130)
