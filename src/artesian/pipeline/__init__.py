"""One module per verb: the whole job, from reading the source to writing the results."""
