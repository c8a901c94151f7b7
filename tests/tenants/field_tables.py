#!/usr/bin/env python3
"""Checks that the tables of docs/tenant-file.md and docs/site-file.md are those of the schemas; --write makes them so.

usage: field_tables.py PRINT_SCHEMA_PROGRAM DOCS_DIR [--write]

A table stands between `<!-- fields of KIND -->` and `<!-- end of fields -->`.
"""
import json
import pathlib
import re
import subprocess
import sys

MARKED = re.compile(r"(<!-- fields of (\w+) -->\n).*?(<!-- end of fields -->)", re.DOTALL)


def words_of(schema):
    """What a value may be, in a few words."""
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "oneOf" in schema and "type" not in schema:
        return "one of several forms"
    if schema["type"] == "integer":
        return f"{schema['minimum']} to {schema['maximum']}"
    if schema["type"] == "boolean":
        return "`true` or `false`"
    if schema["type"] == "array":
        return f"list of {schema['minItems']} to {schema['maxItems']}"
    return {"object": "map", "string": "text"}[schema["type"]]


def rows_of(schema, path):
    """One row for each key below `schema`, depth first, in the order of the schema."""
    for form in [schema] + schema.get("oneOf", []) + [schema.get("items", {})]:
        for key, value in form.get("properties", {}).items():
            name = f"{path}.{key}" if path else key
            needed = "yes" if key in form.get("required", []) else ""
            yield f"| `{name}` | {words_of(value)} | {needed} | {value.get('description', '')} |"
            yield from rows_of(value, name + ("[]" if value.get("type") == "array" else ""))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from rows_of(schema["additionalProperties"], path + ".NAME")


def table(program, kind):
    schema = json.loads(subprocess.run([program, kind], check=True, capture_output=True).stdout)
    return "| key | value | needed | meaning |\n|---|---|---|---|\n" + "\n".join(rows_of(schema, "")) + "\n"


def main(program, docs, write):
    stale = []
    for name in ("tenant-file.md", "site-file.md"):
        path = docs / name
        old = path.read_text()
        new = MARKED.sub(lambda found: found.group(1) + table(program, found.group(2)) + found.group(3), old)
        if old == new:
            continue
        stale.append(name)
        if write:
            path.write_text(new)
    if stale and not write:
        print("not the schema's tables: " + ", ".join(stale) + "; run field_tables.py with --write")
        return 1
    print("the tables are those of the schemas")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2]), "--write" in sys.argv))
