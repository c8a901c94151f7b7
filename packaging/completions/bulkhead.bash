# bash completion for bulkhead(1). tests/programs/completions.py compares every word of it with `--help`.

# The verbs, or the verbs of a verb.
_bulkhead_verbs() {
  case "$1" in
    '') echo "check plan build measure explain approve apply attest status destroy host keys id-block schema replay rehearse evidence audit kms service trustee revoke verify certificates" ;;
    host) echo "probe identity" ;;
    certificates) echo "import fetch list reload" ;;
    measure) echo "snp sev-es sev tdx pcr igvm cca" ;;
    keys) echo "approval id author backup recovery wrapping ca service connect token owner rotate save restore seal unseal show" ;;
    service) echo "show approve configure enrol shred rotate backup restore" ;;
    id-block) echo "make show verify" ;;
    evidence) echo "save present" ;;
    audit) echo "verify show" ;;
    kms) echo "check rotate settle recover policy" ;;
    trustee) echo "render" ;;
    verify) echo "snp tdx tpm destruction" ;;
  esac
}

# The flags of a verb: "plan", "host probe".
_bulkhead_flags() {
  case "$1" in
    '') echo "--help --version" ;;
    check) echo "--help --json" ;;
    plan) echo "--help --host --out --qemu --offline --json" ;;
    build) echo "--help --out --work --json" ;;
    measure) echo "--help --host --qemu --format --json --sign-key --out" ;;
    'measure snp') echo "--help --firmware --kernel --initrd --cmdline --any-kernel --vcpus --cpu --cpu-sig --cpu-family" \
      "--cpu-model --cpu-stepping --sev-features --vmm --firmware-digest --svsm --vars-size --policy --guest-svn --min-tcb --host-data --id-block" \
      "--id-auth --format --json --sign-key --out" ;;
    'measure sev-es') echo "--help --firmware --kernel --initrd --cmdline --any-kernel --vcpus --cpu --cpu-sig" \
      "--cpu-family --cpu-model --cpu-stepping --sev-features --vmm --vm-type" \
      "--measurement --tik --policy --api-major --api-minor --build-id --format --json --sign-key --out" ;;
    'measure tdx') echo "--help --firmware --kernel --initrd --cmdline --uki --memory --machine --qemu-version --acpi" \
      "--vcpus --cpu --devices --disks --qemu --page-order --generation --processor-id --mrconfigid --mrowner --mrownerconfig --format --json --sign-key --out" ;;
    'measure sev') echo "--help --firmware --kernel --initrd --cmdline --any-kernel" \
      "--measurement --tik --policy --api-major --api-minor --build-id --format --json --sign-key --out" ;;
    'measure pcr') echo "--help --firmware --kernel --initrd --cmdline --uki --disk --loader --loader-conf --vars" \
      "--memory --machine --acpi --vcpus --cpu --devices --disks --qemu --format --json --sign-key --out" ;;
    'measure cca') echo "--help --vmm --firmware --kernel --initrd --cmdline --dtb --memory --vcpus --hash --ipa-bits" \
      "--num-bps --num-wps --pmu --pmu-num-ctrs --sve-vl --lpa2 --format --json --sign-key --out" ;;
    'measure igvm') echo "--help --igvm --tee --vmm --zero-pages --vcpus --cpu --cpu-sig --format --json --sign-key --out" ;;
    explain) echo "--help --report --quote --as --images --firmware --kernel --initrd --cmdline --vcpus --cpu --cpu-sig --cpu-family" \
      "--cpu-model --cpu-stepping --sev-features --vmm --memory --machine --qemu-version --page-order --generation --processor-id --acpi --devices --disks --qemu --plan --tenant --plans --guest --event-log --json" ;;
    approve) echo "--help --plan --key --id-key --author-key --out --approval --valid-days --qemu" ;;
    apply) echo "--help --plan --approval --service-bundle --enrolments --run --json" ;;
    attest) echo "--help --uri --store --run --plans --timeout --fence --lift-fence --claims --json" ;;
    status) echo "--help --uri --store --run --plans --json" ;;
    destroy) echo "--help --uri --store --run --yes --shred-keys --keep-log" ;;
    rehearse) echo "--help --firmware --kernel --initrd --cmdline --uki --vcpus --memory --machine --cpu --devices --disks" \
      "--qemu --timeout --keep --json" ;;
    'host identity') echo "--help --report --quote --json" ;;
    'certificates import') echo "--help --store --json" ;;
    'certificates fetch') echo "--help --store --ca --json" ;;
    'certificates reload') echo "--help --run" ;;
    'certificates list') echo "--help --store --time --json" ;;
    'host probe') echo "--help --tee --uri --json" ;;
    'keys approval') echo "--help --out --token --algorithm" ;;
    'keys id' | 'keys author') echo "--help --out --token" ;;
    'keys backup' | 'keys recovery') echo "--help --out" ;;
    'keys wrapping') echo "--help --token" ;;
    'keys ca') echo "--help --tenant --out --token --days" ;;
    'keys service') echo "--help --tenant --url --ca --ca-key --out --days" ;;
    'keys connect') echo "--help --bundle --kms --out" ;;
    'keys token') echo "--help --tenant --ca --ca-key --out --days" ;;
    'trustee render') echo "--help --tenant --approval --approval-key --service-bundle --ca --evidence --directory --out" ;;
    'keys owner') echo "--help --tenant --ca --ca-key --name --out --days" ;;
    'service show') echo "--help --json --run --url --ca --identity" ;;
    'service approve') echo "--help --approval --run --url --ca --identity" ;;
    'service configure') echo "--help --out" ;;
    'service enrol') echo "--help --enrolments --run --url --ca --identity" ;;
    'service shred') echo "--help --statement --yes --run --url --ca --identity" ;;
    'service rotate') echo "--help --token-key --run --url --ca --identity" ;;
    'service backup') echo "--help --to --out --run --url --ca --identity" ;;
    'service restore') echo "--help --from --key --audit --state --store" ;;
    'keys seal') echo "--help --out --tpm --pcrs" ;;
    'keys unseal') echo "--help --out --tpm" ;;
    'keys rotate') echo "--help --out --ca --ca-key --other-ca --url --token --storage-key --days" ;;
    'keys save') echo "--help --to --out" ;;
    'keys restore') echo "--help --from --key --out" ;;
    'keys show') echo "--help --json" ;;
    revoke) echo "--help --image --chip --guest --owner-key --reason --lift --run --url --ca --identity" ;;
    'evidence save') echo "--help --out --run --url --ca --identity" ;;
    'evidence present') echo "--help --url --ca" ;;
    'audit show') echo "--help --entry" ;;
    'audit verify') echo "--help --head --json" ;;
    'kms check') echo "--help --foreign --try-key --json" ;;
    'kms rotate') echo "--help --all --abandon --run --url --ca --identity" ;;
    'kms settle') echo "--help --run --url --ca --identity" ;;
    'kms recover') echo "--help --key --out" ;;
    'kms policy') echo "--help --json" ;;
    replay) echo "--help --ccel --tpm --table --prediction --quote --pcrs --json" ;;
    'id-block make') echo "--help --measurement --measure-json --vcpus --id-key --author-key --family-id --image-id" \
      "--guest-svn --policy --out-block --out-auth --json" ;;
    'id-block show') echo "--help --json" ;;
    'id-block verify') echo "--help --measurement --id-key --author-key --report --json" ;;
    'verify destruction') echo "--help --ca --json" ;;
    'verify tpm') echo "--help --ak --report-data --json" ;;
    'verify tdx') echo "--help --collateral --store --certs --time --grace --min-evaluation-number --report-data --json" ;;
    'verify snp') echo "--help --certs --crl --store --require-crl --time --product --min-version --report-data --json" ;;
    host | keys | id-block | schema | evidence | audit | kms | service | trustee | verify | certificates) echo "--help" ;;
  esac
}

# Completes the value of a flag; fails when the flag takes none.
_bulkhead_value() {
  local flag=$1 word=$2
  case "$flag" in
    --tee)
      local tees="snp tdx emulated"
      [[ $verb == 'measure igvm' ]] && tees="snp sev-es sev"
      mapfile -t COMPREPLY < <(compgen -W "$tees" -- "$word") ;;
    --vmm)
      local vmms="qemu qemu-legacy ec2 ec2-2025 gce"
      [[ $verb == 'measure igvm' ]] && vmms="file qemu"
      [[ $verb == 'measure sev-es' ]] && vmms=qemu
      [[ $verb == 'measure cca' ]] && vmms="qemu kvmtool"
      mapfile -t COMPREPLY < <(compgen -W "$vmms" -- "$word") ;;
    --hash) mapfile -t COMPREPLY < <(compgen -W "sha256 sha512" -- "$word") ;;
    --zero-pages) mapfile -t COMPREPLY < <(compgen -W "normal native" -- "$word") ;;
    --page-order) mapfile -t COMPREPLY < <(compgen -W "single-pass two-pass" -- "$word") ;;
    --as) mapfile -t COMPREPLY < <(compgen -W "snp sev-es sev tdx pcr" -- "$word") ;;
    --devices) mapfile -t COMPREPLY < <(compgen -W "guest none" -- "$word") ;;
    --vm-type) mapfile -t COMPREPLY < <(compgen -W "legacy init2" -- "$word") ;;
    --cpu)
      mapfile -t COMPREPLY < <(compgen -W "EPYC EPYC-Rome EPYC-Milan EPYC-Genoa EPYC-Turin Dhyana" -- "$word") ;;
    --store | --state | --directory | --run | --work | --plans | --acpi | --images | --keep | --keep-log) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    --tpm) mapfile -t COMPREPLY < <(compgen -W "device:/dev/tpmrm0" -- "$word") ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "text json rvps corim libvirt hex" -- "$word") ;;
    --out | --statement | --bundle | --kms | --approval | --plan | --report | --event-log | --key | --sign-key | --service-bundle | --token-key | --ca | --ca-key | --identity | --to | --from | --audit | --approval-key | --evidence | --enrolments | --tik | --svsm | --firmware | --kernel | --initrd | \
      --id-block | --id-auth | --uki | --disk | --loader | --loader-conf | --vars | --table | --prediction | --quote | --pcrs | \
      --igvm | --certs | --crl | --collateral | --ak | --measure-json | --id-key | --author-key | --out-block | --out-auth | --report | --dtb | --qemu)
      mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    --cmdline | --vcpus | --cpu-sig | --cpu-family | --cpu-model | --cpu-stepping | --sev-features | --firmware-digest | --policy \
      | --guest-svn | --min-tcb | --host-data | --vars-size | --measurement | --api-major | --api-minor | --build-id \
      | --memory | --machine | --qemu-version | --generation | --processor-id | --mrconfigid | --mrowner | --mrownerconfig \
      | --ipa-bits | --num-bps | --num-wps | --pmu-num-ctrs | --sve-vl | --guest | --disks)
      COMPREPLY=() ;;
    --name | --family-id | --image-id | --head | --entry | --foreign | --image | --chip | --owner-key | --reason | --time | --report-data | --grace | --min-version | --min-evaluation-number) COMPREPLY=() ;;
    --algorithm) mapfile -t COMPREPLY < <(compgen -W "ed25519 p384" -- "$word") ;;
    --product) mapfile -t COMPREPLY < <(compgen -W "milan genoa turin" -- "$word") ;;
    --host | --uri | --url | --tenant | --token | --days | --valid-days | --timeout) COMPREPLY=() ;;
    *) return 1 ;;
  esac
}

_bulkhead() {
  local word=${COMP_WORDS[COMP_CWORD]} verb= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ " $(_bulkhead_verbs "$verb") " == *" ${COMP_WORDS[i]} "* ]] || break
    verb+="${verb:+ }${COMP_WORDS[i]}"
  done
  _bulkhead_value "${COMP_WORDS[COMP_CWORD - 1]}" "$word" && return
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_bulkhead_flags "$verb")" -- "$word")
  elif [[ $verb == schema ]]; then
    mapfile -t COMPREPLY < <(compgen -W "tenant site recipe" -- "$word")
  elif [[ -n $(_bulkhead_verbs "$verb") ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_bulkhead_verbs "$verb")" -- "$word"
      [[ $verb == measure && -n $word ]] && compgen -f -- "$word")
  elif [[ $verb =~ ^(check|plan|build|approve|replay|keys (show|rotate|save|seal|unseal)|audit (verify|show)|evidence present|kms (check|recover|policy)|verify (snp|tdx|tpm|destruction)|certificates (import|fetch))$ ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}

complete -o filenames -F _bulkhead bulkhead
