#!/usr/bin/env bash
# Everybody who is not us, against one binary; builds nothing of ours.
#
#     QUITTANCE=target/release/quittance tests/interop/run.sh      or: run.sh path/to/quittance
#
# PYTHON names an interpreter that has `cryptography` (requirements.txt); default python3.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export QUITTANCE="${1:-${QUITTANCE:?must name the quittance binary}}"
source "$HERE/node.sh"
export QUITTANCE
PYTHON="${PYTHON:-python3}"
SETTLEMENTS=300

for tool in openssl sha256sum base64 xxd curl go "$PYTHON" realpath; do
    command -v "$tool" >/dev/null || fail "missing tool: $tool"
done
"$PYTHON" -c 'import cryptography' || fail "missing tool: cryptography for $PYTHON"

FOLDER=$(mktemp -d)
trap 'stop_node; rm -rf "$FOLDER"' EXIT

echo "== openssl and curl"
"$HERE/openssl.sh"

echo "== python, on the shared vectors"
"$PYTHON" "$HERE/vectors.py"

echo "== python, and a log of $SETTLEMENTS settlements"
start_node "$FOLDER/node"
curl -fsS "$API/log/checkpoint" >"$FOLDER/kept"
"$PYTHON" "$HERE/bank.py" --node "$FOLDER/node" --settlements "$SETTLEMENTS"

echo "== go, on the log as it is served"
(cd "$HERE/goverify" && go build -o "$FOLDER/goverify" .)
cp "$FOLDER/node/data/log.vkey" "$FOLDER/log.vkey"
"$FOLDER/goverify" -vkey "$FOLDER/log.vkey" -old "$FOLDER/kept" "$API/log/"

echo "== the operator registers an auditor"
AUDITOR=(--key "$FOLDER/auditor.pem" --passphrase-file "$FOLDER/passphrase")
(umask 077 && openssl rand -base64 24 >"$FOLDER/passphrase")
"$QUITTANCE" keys generate auditor/paper-1 --out "$FOLDER/auditor.pem" \
    --passphrase-file "$FOLDER/passphrase"
operator --instruction "{\"add_participant\":{\"participant\":\"auditor\",\"role\":\"auditor\",\"keys\":[\"$(cat "$FOLDER/auditor.vkey")\"],\"threshold\":1}}" \
    --dir "$FOLDER" >/dev/null

echo "== go, on an export"
"$QUITTANCE" export "$FOLDER/export" --url "$API" --log-vkey "$FOLDER/log.vkey" "${AUDITOR[@]}"
"$FOLDER/goverify" -vkey "$FOLDER/log.vkey" -old "$FOLDER/kept" "$FOLDER/export"

echo "== quittance audit, on the export"
GENESIS=$(json_text genesis_hash <"$FOLDER/node/log.json")
"$QUITTANCE" audit "$FOLDER/export" --log-vkey "$FOLDER/log.vkey" --genesis-hash "$GENESIS" \
    --kept "$FOLDER/kept"

echo "== quittance audit, on the node"
"$QUITTANCE" audit "$API" --log-vkey "$FOLDER/log.vkey" --genesis-hash "$GENESIS" \
    --kept "$FOLDER/kept" "${AUDITOR[@]}"

echo "== python, on the export, items and ledger included"
verify_log() {
    "$PYTHON" "$HERE/verify_log.py" --log-vkey "$@"
}
verify_log "$FOLDER/log.vkey" --kept "$FOLDER/kept" "$FOLDER/export"

echo "== a changed byte is caught"
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059
    printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
for file in log/tile/entries/000 log/tile/0/000 log/tile/1/000.p/1 log/checkpoint; do
    file="$FOLDER/export/$file"
    at=$(($(wc -c <"$file") - 20))
    flip "$file" "$at"
    status=0
    "$FOLDER/goverify" -vkey "$FOLDER/log.vkey" "$FOLDER/export" >/dev/null 2>&1 || status=$?
    ((status == 1)) || fail "goverify on a change in $file: status $status"
    status=0
    "$QUITTANCE" audit "$FOLDER/export" --log-vkey "$FOLDER/log.vkey" >/dev/null 2>&1 || status=$?
    ((status == 1)) || fail "quittance audit on a change in $file: status $status"
    status=0
    verify_log "$FOLDER/log.vkey" "$FOLDER/export" >/dev/null 2>&1 || status=$?
    ((status == 1)) || fail "verify_log.py on a change in $file: status $status"
    flip "$file" "$at"
    passed "one bit of ${file#"$FOLDER/export/"}"
done
"$FOLDER/goverify" -vkey "$FOLDER/log.vkey" "$FOLDER/export" >/dev/null

echo "== a log in which everything happened once: python and quittance audit"
stop_node
start_node "$FOLDER/history"
"$PYTHON" "$HERE/history.py" --node "$FOLDER/history" --auditor "$(cat "$FOLDER/auditor.vkey")" \
    >"$FOLDER/told.json"
KEY="$FOLDER/history/data/log.vkey"
"$QUITTANCE" export "$FOLDER/history.export" --url "$API" --log-vkey "$KEY" "${AUDITOR[@]}"
stop_node
VALUES="$FOLDER/history/values.json"
verify_log "$KEY" --values "$VALUES" "$FOLDER/history.export"
"$PYTHON" "$HERE/stranger/verify.py" --log-vkey "$KEY" --values "$VALUES" "$FOLDER/history.export"
"$QUITTANCE" audit "$FOLDER/history.export" --log-vkey "$KEY"

# both_say STATUS VALUES WORDS: so both verifiers end on these values, and with these words.
both_say() {
    local verifier status
    for verifier in "$HERE/verify_log.py" "$HERE/stranger/verify.py"; do
        status=0
        "$PYTHON" "$verifier" --log-vkey "$KEY" --values "$2" "$FOLDER/history.export" \
            >"$FOLDER/said.txt" 2>&1 || status=$?
        ((status == $1)) && grep -q "$3" "$FOLDER/said.txt" ||
            fail "$verifier on $2: status $status"
    done
}
echo "== a value-dated balance that is told wrong"
sed '0,/"balance": "\(-\{0,1\}\)/s//"balance": "\11/' "$VALUES" >"$FOLDER/wrong.json"
both_say 1 "$FOLDER/wrong.json" "value-dated balance of north:usd"
passed "a balance with another digit in front"

echo "== a verifier that fails itself gives no verdict"
echo '[1]' >"$FOLDER/shapeless.json"
both_say 2 "$FOLDER/shapeless.json" "this program failed: TypeError"
passed "status 2, and the fault is named"

echo "== changed logs, by outsiders and by an operator who signs them"
"$PYTHON" "$HERE/forge.py" --export "$FOLDER/history.export" --node "$FOLDER/history" \
    --told "$FOLDER/told.json"

echo "== a log of random messages: three verifiers, one verdict"
start_node "$FOLDER/chance"
"$PYTHON" "$HERE/chance.py" --node "$FOLDER/chance" --auditor "$(cat "$FOLDER/auditor.vkey")"
CHANCE="$FOLDER/chance/data/log.vkey"
"$QUITTANCE" export "$FOLDER/chance.export" --url "$API" --log-vkey "$CHANCE" "${AUDITOR[@]}"
stop_node
verify_log "$CHANCE" "$FOLDER/chance.export"
"$PYTHON" "$HERE/stranger/verify.py" --log-vkey "$CHANCE" "$FOLDER/chance.export"
"$QUITTANCE" audit "$FOLDER/chance.export" --log-vkey "$CHANCE"

echo "== entries as full as they get"
start_node "$FOLDER/full"
"$PYTHON" "$HERE/full.py" --node "$FOLDER/full" --auditor "$(cat "$FOLDER/auditor.vkey")"
FULL="$FOLDER/full/data/log.vkey"
"$QUITTANCE" export "$FOLDER/full.export" --url "$API" --log-vkey "$FULL" "${AUDITOR[@]}"
stop_node
verify_log "$FULL" "$FOLDER/full.export"
"$PYTHON" "$HERE/stranger/verify.py" --log-vkey "$FULL" "$FOLDER/full.export"
"$QUITTANCE" audit "$FOLDER/full.export" --log-vkey "$FULL"

echo "== statements from seal to seal"
for file in statement whole; do
    "$PYTHON" "$HERE/statement.py" --log-vkey "$KEY" "$FOLDER/history/$file.json"
    "$PYTHON" "$HERE/stranger/verify.py" --log-vkey "$KEY" --statement "$FOLDER/history/$file.json"
done
"$PYTHON" "$HERE/cut.py" --log-vkey "$KEY" "$FOLDER/history/statement.json" \
    "$FOLDER/history/whole.json"

echo "== the log changes its key: python and quittance audit follow"
ORIGIN=$(cut -d+ -f1 "$KEY")
OLD="$FOLDER/old.vkey"
cp "$KEY" "$OLD"
(
    cd "$FOLDER/history"
    SEALED=(--passphrase-file data/keys/passphrase)
    "$QUITTANCE" keys generate "$ORIGIN" --out data/keys/log-2.pem "${SEALED[@]}" >/dev/null
    "$QUITTANCE" keys endorse data/keys/log-2.pem "${SEALED[@]}" >"$FOLDER/endorsed.json"
)
export QUITTANCE__KEYS__LOG_NEXT=keys/log-2.pem
start_node "$FOLDER/history"
operator --instruction "$(cat "$FOLDER/endorsed.json")" --dir "$FOLDER" >/dev/null
"$QUITTANCE" export "$FOLDER/both.export" --url "$API" --log-vkey "$OLD" "${AUDITOR[@]}"
operator --instruction "{\"retire_log_key\":{\"key_id\":\"$(cut -d+ -f2 "$OLD")\"}}" --dir "$FOLDER" \
    >/dev/null
operator --instruction '{"add_asset":{"asset":"CHF","module":"fiat"}}' --dir "$FOLDER" >/dev/null
"$QUITTANCE" export "$FOLDER/new.export" --url "$API" --log-vkey "$KEY" "${AUDITOR[@]}"
stop_node
unset QUITTANCE__KEYS__LOG_NEXT
for pair in "$OLD both" "$KEY both" "$KEY new"; do
    verify_log "${pair% *}" --kept "$FOLDER/history.export/log/checkpoint" "$FOLDER/${pair##* }.export"
    "$PYTHON" "$HERE/stranger/verify.py" --log-vkey "${pair% *}" "$FOLDER/${pair##* }.export"
    "$QUITTANCE" audit "$FOLDER/${pair##* }.export" --log-vkey "${pair% *}" \
        --kept "$FOLDER/history.export/log/checkpoint"
done
# The old key signs no more; and while both sign, a checkpoint without one of them is not whole.
refused() {
    local status=0
    verify_log "$1" "$2" >/dev/null 2>&1 || status=$?
    ((status == 1)) || fail "verify_log.py on $3: status $status"
    status=0
    "$QUITTANCE" audit "$2" --log-vkey "$1" >/dev/null 2>&1 || status=$?
    ((status != 0)) || fail "quittance audit on $3: status $status"
    passed "$3"
}
refused "$OLD" "$FOLDER/new.export" "a log whose newest checkpoint your key has not signed"
sed -i '$d' "$FOLDER/both.export/log/checkpoint"
refused "$OLD" "$FOLDER/both.export" "a checkpoint without the newer key's signature"

echo "run.sh: everybody agrees"
