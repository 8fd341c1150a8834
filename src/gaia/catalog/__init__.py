"""What Gaia knows of, as entities of Backstage's software catalog: pure functions from frozen data to plain JSON."""
