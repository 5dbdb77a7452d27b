"""Smart Money Concepts, known when they are known: docs/smc.md defines each of them."""
