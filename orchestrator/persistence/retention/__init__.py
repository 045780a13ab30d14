"""Which rows belong to which class of data, when their time began, and what keeps them all the same."""
