package main.deeper

deny contains "deeper" if true
