"""Faults that strike the stages before the upload: site, list, filter, provider, plan.

One workspace's contacts come from a site and from a list and go all the way to Email Bison, each
stage asked for on its queue and done by real workers. Whatever strikes on the way, everybody ends
where they end when nothing does.
"""
