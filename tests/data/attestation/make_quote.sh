#!/bin/sh
# Makes swtpm_quote.json: a quote of both banks by swtpm 0.7.1, taken and checked by tpm2-tools 5.4 (Debian 12).
# usage: make_quote.sh > swtpm_quote.json
set -eu
work=$(mktemp -d)
trap 'kill "$(cat "$work/pid")"; rm -r "$work"' EXIT
mkdir "$work/state"
swtpm_setup --tpm2 --tpmstate "$work/state" --pcr-banks sha256,sha384 >"$work/log"
swtpm socket --tpm2 --tpmstate "dir=$work/state" --server "type=unixio,path=$work/s" \
  --ctrl "type=unixio,path=$work/s.ctrl" --flags not-need-init,startup-clear --daemon --pid "file=$work/pid"
export TPM2TOOLS_TCTI="swtpm:path=$work/s"
cd "$work"
digest() { printf '%s' "$2" | "$1sum" | cut -d' ' -f1; }
{
  tpm2_pcrextend "8:sha256=$(digest sha256 initdata),sha384=$(digest sha384 initdata)"
  tpm2_pcrextend "4:sha256=$(digest sha256 kernel),sha384=$(digest sha384 kernel)"
  tpm2_createek -c ek.ctx -G rsa -u ek.pub
  tpm2_flushcontext -t
  tpm2_createak -C ek.ctx -c ak.ctx -G rsa -g sha256 -s rsassa -u ak.pem -f pem -n ak.name
  tpm2_flushcontext -t
  openssl pkey -pubin -in ak.pem -outform der -out ak.der
  pcrs=$(seq -s, 0 23)
  qualifying=1147b1af549c26b6863daf32fc064834beaa470ddb06fd5c57c44363cb2e86f1
  for bank in sha256 sha384; do
    tpm2_quote -c ak.ctx -l "$bank:$pcrs" -q $qualifying -m "$bank.message" -s "$bank.signature" -f tss
    tpm2_checkquote -u ak.pem -m "$bank.message" -s "$bank.signature" -q $qualifying
    tpm2_pcrread "$bank:$pcrs" -o "$bank.pcrs"
    tpm2_flushcontext -t
  done
} >"$work/log"
b64() { base64 -w0 "$1"; }
values() { od -An -v -tx1 -w"$2" "$1" | tr -d ' ' | sed 's/.*/"&"/' | paste -sd,; }
printf '{"qualifying":"%s","ak_public":"%s","sha256":{"signature":"%s","message":"%s","pcrs":[%s]},' \
  $qualifying "$(b64 ak.der)" "$(b64 sha256.signature)" "$(b64 sha256.message)" "$(values sha256.pcrs 32)"
printf '"sha384":{"signature":"%s","message":"%s","pcrs":[%s]}}\n' \
  "$(b64 sha384.signature)" "$(b64 sha384.message)" "$(values sha384.pcrs 48)"
