"""`python -m fusioncolor`."""

import sys

from fusioncolor.cli.commands import main

sys.exit(main())
