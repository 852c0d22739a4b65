"""All tests; several processes of them share the machine, so each computes in one thread.

It must be said before NumPy is imported. A day of the demo takes half the processor's time so.
"""

import os

from bot.cli import THREADS

for _variable, _value in (*THREADS.items(), ("OMP_NUM_THREADS", "1")):
    os.environ.setdefault(_variable, _value)
