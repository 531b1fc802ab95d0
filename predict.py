"""Colorizes grayscale photographs; see `python predict.py --help`."""

import sys

if __name__ == "__main__":
    try:
        from fusioncolor.cli.predict import main

        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
