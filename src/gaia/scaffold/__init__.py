"""Templates become manifests on branches of Gaia's own clone of a platform repository."""
