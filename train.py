"""Trains a colorizer on a folder of color photographs; see `python train.py --help`."""

import sys

from fusioncolor.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
