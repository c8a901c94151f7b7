#!/usr/bin/env python3
"""Feeds the good and the bad corpus to the JSON Schemas, which must agree with the parser.

usage: schema_agrees.py PRINT_SCHEMA_PROGRAM CORPUS_DIR

Good documents must validate. Bad ones must not, but those of bad/beyond-schema.json, which names what no schema can
express; those are YAML's own business or must validate, so that the list stays honest.
"""
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """YAML 1.2 core scalars: no octal by leading zero, no yes and no. Ambiguous numbers become null."""


Core.yaml_implicit_resolvers = {}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), None)
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(0|[1-9][0-9]*)$"), None)
Core.add_implicit_resolver(
    "tag:yaml.org,2002:null",
    re.compile(r"^(|~|null|Null|NULL|True|TRUE|False|FALSE|[-+]?0[xo].*|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)$"),
    None,
)


def main(program, corpus):
    schemas = {}
    for kind in ("Tenant", "Site", "ImageRecipe"):
        schemas[kind] = json.loads(subprocess.run([program, kind], check=True, capture_output=True).stdout)
        jsonschema.Draft202012Validator.check_schema(schemas[kind])
    beyond = json.loads((corpus / "bad" / "beyond-schema.json").read_text())
    wrong = [f"beyond-schema.json: no file {name}.yaml" for name in beyond if not (corpus / "bad" / f"{name}.yaml").exists()]
    for path in sorted(corpus.glob("*/*.yaml")):
        good = path.parent.name == "good"
        try:
            document = yaml.load(path.read_bytes(), Loader=Core)
        except (yaml.YAMLError, UnicodeDecodeError, TypeError) as problem:
            if good or path.stem not in beyond:
                wrong.append(f"{path.name}: not readable: {problem}")
            continue
        kind = document.get("kind") if isinstance(document, dict) else None
        problems = list(jsonschema.Draft202012Validator(schemas.get(kind, schemas["Tenant"])).iter_errors(document))
        accept = good or path.stem in beyond
        if accept != (not problems):
            wrong.append(f"{path.name}: the parser {'accepts' if good else 'refuses'} it, the schema says: "
                         + ("; ".join(p.message for p in problems) or "valid"))
    print("\n".join(wrong) if wrong else "schemas and parser agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
