"""What a table of rain says about each city."""

from collections.abc import Iterator

import numpy
import pandas


def lines(table: pandas.DataFrame) -> Iterator[str]:
    for city, years in table.groupby("city"):
        rain = years.sort_values("year")["rain"].to_numpy()
        yield f"{city}: mean {numpy.mean(rain):.1f}, growth {rain[-1] / rain[0]:.2f}"
