package kubernetes

deny contains "of another" if true
