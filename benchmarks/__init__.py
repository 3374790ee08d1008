"""Measurements that compare the program with scripts written by hand."""
