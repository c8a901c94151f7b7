#!/usr/bin/env python3
"""Evaluates the policies that Bulkhead renders for Trustee with regorus, the engine that Trustee itself uses, over what
Trustee's verifiers say of a guest that is right and of guests that are wrong in one thing each.

usage: trustee_policy.py PRINT_TRUSTEE
Needs the Python module opa_eval 0.1.1 (regorus; tests/programs/fetch-regorus brings it). Without it: prints why and exits 77, which
ctest shows as skipped.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "build" / "regorus"))
try:
    from opa_eval import OpaEval
except ImportError:
    print("skipped: the Python module opa_eval (regorus) is not here: run tests/programs/fetch-regorus")
    sys.exit(77)

AFFIRMING = {"executables": 3, "configuration": 2, "instance-identity": 2, "file-system": 0, "runtime-opaque": 0,
             "storage-opaque": 0, "sourced-data": 0}


def evaluated(policy, rule, given, data):
    """Trustee's builtin query_reference_value() is here a rule over `data`."""
    with tempfile.NamedTemporaryFile("w", suffix=".rego") as file:
        file.write(policy + "\nquery_reference_value(name) := data.reference_values[name]\n")
        file.flush()
        return OpaEval(file.name, json.dumps(data), rule).evaluate_parsed(json.dumps(given))


def changed(claims, path, value):
    """The claims with one of them another; None: without it."""
    claims = copy.deepcopy(claims)
    *above, last = path.split("/")
    at = claims
    for name in above:
        at = at[name]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return claims


def attestation_problems(kind, rendered):
    policy, values = rendered["attestationPolicy"], rendered["referenceValues"]

    def vector(claims):
        return evaluated(policy, "data.policy.trust_claims", claims, {"reference_values": values})
    wanted = AFFIRMING | {"hardware": 0 if kind == "tpm" else 2}
    for right in rendered["right"]:
        if vector(right) != wanted:
            yield f"{kind}: a right guest: got {vector(right)}"
    for path, value in rendered["wrong"]:
        got = vector(changed(rendered["right"][0], path, value))
        if got is None or any(got[claim] < 32 for claim in ("executables", "configuration", "instance-identity", "hardware")):
            yield f"{kind}: {path} = {value}: got {got}"


def resource_problems(kind, rendered):
    policy, claims = rendered["resourcePolicy"], rendered["right"][0]

    def allowed(path, evidence=claims, status="affirming", plugin="resource"):
        token = {"submods": {"cpu0": {"ear.status": status, "ear.veraison.annotated-evidence": evidence}}}
        return evaluated(policy, "data.policy.allow", token, {"plugin": plugin, "resource-path": path, "query": {}})
    own = ["bulkhead", "bootstrap", "worker-0"]
    cells = [(allowed(own), True), (allowed(["bulkhead", "bootstrap", "control-0"]), False), (allowed(own[:2]), False),
             (allowed([*own, "more"]), False), (allowed(own, status="contraindicated"), False),
             (allowed(own, plugin="pkcs11"), False), (allowed(own, evidence={}), False)]
    for number, (got, wanted) in enumerate(cells):
        if got != wanted:
            yield f"{kind}: resource {number}: got {got}, wanted {wanted}"


def main(program):
    found = []
    for kind in ("tpm", "snp", "tdx"):
        rendered = json.loads(subprocess.run([program, kind], text=True, capture_output=True, check=True).stdout)
        found += [*attestation_problems(kind, rendered), *resource_problems(kind, rendered)]
    print("\n".join(found) or "every policy says of every guest what it should")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
