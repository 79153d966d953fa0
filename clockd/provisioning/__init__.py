"""A card for a new terminal: one small file of answers -> the files of the card's open partition.

`answers` reads and checks the file, `card` says which files come of it, `first_run` writes what the operating system
reads at its first start, `wireless` the Wi-Fi. What happens at the terminal is `deploy/first-boot`.
"""
