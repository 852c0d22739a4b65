"""Candidate sources: one file, one class, built from a pool and its indexes.

Each proposes rows that exist at the query's moment (published, not later), best first, without
repeats, at most `query.limit`. What may be offered is for the filters to say.
"""
