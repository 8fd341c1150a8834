package main

deny contains "of main" if input.format_version
