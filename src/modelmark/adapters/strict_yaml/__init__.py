"""A small, strict YAML: what it reads has one meaning for every reader, what it writes reads back the same.

Hides PyYAML. Of YAML we take mappings, lists and text; everything that lets a file mean more than a reviewer
sees (anchors, tags, merge keys, duplicate keys, second documents, invisible characters) is refused with its line.
No scalar is converted while reading: `1.10` and `no` stay as written, and the schema of a file says what they are.
"""

from modelmark.adapters.strict_yaml.nodes import (
    MappingNode,
    Node,
    Scalar,
    SequenceNode,
    line_of,
    parse_number,
    to_json,
)
from modelmark.adapters.strict_yaml.reading import MAX_BYTES, MAX_DEPTH, MAX_NODES, parse_yaml
from modelmark.adapters.strict_yaml.writing import dump_text, dump_yaml, quote

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "MappingNode",
    "Node",
    "Scalar",
    "SequenceNode",
    "dump_text",
    "dump_yaml",
    "line_of",
    "parse_number",
    "parse_yaml",
    "quote",
    "to_json",
]
