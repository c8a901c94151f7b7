#!/usr/bin/env python3
"""Copies the shared vectors that a fuzzer's parser reads into its first corpus: OUT/FUZZER/N.

usage: seeds.py VECTORS OUT
"""
import json
import pathlib
import shutil
import sys

# fuzzer -> files below VECTORS, largest size worth a seed
SEEDS = {
    "attestation_tdx_collateral_fuzz": (["attest/tdx/quotes/*_collateral.json", "attest/tdx/collateral/*"], 1 << 15),
    "attestation_verify_tdx_fuzz": (["attest/tdx/quotes/*.dat", "attest/tdx/quotes/neg/*"], 1 << 14),
    "attestation_snp_evidence_fuzz": (["snp-reports/*/report.bin", "attest/kbs/snp-evidence*.json"], 1 << 14),
    "attestation_vek_certificate_fuzz": (["attest/snp/reports/*.der"], 4096),
    "base_certificate_fuzz": (["attest/snp/reports/*.der", "attest/snp/roots/*.pem", "attest/tdx/collateral/*.der",
                               "attest/tdx/collateral/*.pem"], 1 << 14),
    "measurement_event_data_fuzz": (["ccel/*.bin", "tdx/swtpm/*/eventlog.bin"], 1 << 16),
    "measurement_event_log_fuzz": (["ccel/*.bin", "tdx/swtpm/*/eventlog.bin"], 1 << 18),
    "measurement_gpt_fuzz": (["tdx/swtpm/inputs/*.first34sectors"], 1 << 16),
    "measurement_id_block_fuzz": (["snp/virtee-sev-idblock/test_auth_block.bin"], 4096),
    "measurement_igvm_fuzz": (["snp/igvm/*.igvm"], 1 << 16),
    "measurement_ovmf_fuzz": (["snp/virtee-sev-snp-measure/*.bin", "snp/gce-tcb-verifier/fake_fw_*.bin"], 1 << 16),
    "measurement_pe_fuzz": (["tdx/swtpm/inputs/*.stub"], 1 << 18),
    "measurement_snp_report_fuzz": (["snp-reports/*/report.bin"], 1184),
    "measurement_td_quote_fuzz": (["attest/tdx/quotes/*.dat", "attest/tdx/*.bin"], 1 << 14),
    "measurement_uki_fuzz": (["tdx/swtpm/inputs/*.stub"], 1 << 18),
    "measurement_varstore_fuzz": (["tdx/varstore/*.fd"], 1 << 20),
}


def main(vectors, out):
    for fuzzer, (patterns, largest) in SEEDS.items():
        found = sorted(path for pattern in patterns for path in vectors.glob(pattern) if path.stat().st_size <= largest)
        for number, path in enumerate(found):
            (out / fuzzer).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, out / fuzzer / str(number))
    # Messages in one recording, as hexadecimal text.
    recording = vectors / "attest/kmip/ttlv_pykmip.json"
    if recording.exists():
        (out / "kms_ttlv_fuzz").mkdir(parents=True, exist_ok=True)
        messages = [message for step in json.loads(recording.read_text())["steps"] for message in step["messages"]]
        for number, message in enumerate(messages):
            (out / "kms_ttlv_fuzz" / str(number)).write_bytes(bytes.fromhex(message["hex"]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
