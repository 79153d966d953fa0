"""What moves: taps into the ledger (terminal), punches to the tracker (sync), doubt into certainty (reconcile).

These three never call each other. They share the store, and each would do its work if the others stood still.
"""
