"""Names for numpy's structured types: the edge where static types end and dtypes begin."""

import numpy as np
import numpy.typing as npt

Record = np.void  # one row of a structured array; a kernel sees it as a numba record
Rows = npt.NDArray[np.void]  # a structured array
Floats = npt.NDArray[np.float64]  # a plain array, or the array in a record's field
