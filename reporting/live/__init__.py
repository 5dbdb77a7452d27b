"""A running engine as people see it: pictures as values, and what is drawn and said of them."""
