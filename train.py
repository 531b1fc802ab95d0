"""Trains a colorizer on a folder of color photographs; see `python train.py --help`."""

import sys

if __name__ == "__main__":
    try:
        from fusioncolor.cli.train import main

        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
