"""`python -m composerd` is `composerd`."""

import sys

from composerd.cli.main import main

sys.exit(main())
