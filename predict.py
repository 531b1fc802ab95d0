"""Puts color into grayscale photographs; see `python predict.py --help`."""

import sys

from fusioncolor.cli.predict import main

if __name__ == "__main__":
    sys.exit(main())
