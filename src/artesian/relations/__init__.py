"""Relations between columns that hold in every row of a table: discovered, checked, written as text."""
