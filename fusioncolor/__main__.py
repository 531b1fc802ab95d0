"""`python -m fusioncolor`."""

import sys

from fusioncolor.cli import main

sys.exit(main())
