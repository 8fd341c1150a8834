"""Looking whether instances still are as what is published says."""
