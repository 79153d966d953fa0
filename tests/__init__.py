"""The tests of clockd; README.md here says which guarantee is proved where."""
