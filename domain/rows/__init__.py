"""The records of the compiled core: one file per subject, fields hot first, long rings last.

Kernels take a record by index and read fields by name, which runs compiled and interpreted alike.
Arithmetic is on int64, float64 and bool only: smaller types differ between the two.
"""
