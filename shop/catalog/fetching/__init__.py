"""Pictures that a file of goods names by address: fetched once, by jobs, from public places only."""
