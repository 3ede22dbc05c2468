"""`python -m composerd` is `composerd`."""

import sys

from composerd.cli import main

sys.exit(main())
