"""The shapes of the files of a registry, as pydantic models; each becomes a value of the domain by `to_value()`.

pydantic is imported here and nowhere else. Import a schema inside the function that needs it: pydantic costs 40 ms.
"""
