"""The badge readers: parsing, the contract over all of them, and what is special about each."""
