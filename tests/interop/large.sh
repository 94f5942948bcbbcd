#!/usr/bin/env bash
# A log of more than 100,000 entries, made by the bench, for everybody who checks whole logs: every
# inclusion proof and consistency from every size with Go's x/mod, and Tessera's fsck, on the log as
# it is served and on an export; and verify_log.py, items and ledger included, on an auditor's export.
# A changed byte is caught by all.
#
#     QUITTANCE=target/release/quittance FSCK=path/to/fsck tests/interop/large.sh
#
# PYTHON names an interpreter that has `cryptography` (requirements.txt); default python3. FSCK is
# github.com/transparency-dev/tessera/cmd/fsck (.ci/run installs the version that is pinned there).
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/node.sh"
FSCK=$(realpath "${FSCK:?must name the fsck binary}")
PYTHON="${PYTHON:-python3}"
ENTRIES=100000

for tool in curl go openssl "$PYTHON" realpath; do
    command -v "$tool" >/dev/null || fail "missing tool: $tool"
done
"$PYTHON" -c 'import cryptography' || fail "missing tool: cryptography for $PYTHON"

FOLDER=$(mktemp -d)
trap 'stop_node; rm -rf "$FOLDER"' EXIT
NODE="$FOLDER/node"
KEY="$NODE/data/log.vkey"

# It asks again and again for what it does not get, so that its time is bounded.
fsck() {
    timeout "$1" "$FSCK" --storage_url="$2" --public_key="$KEY" --ui=false >"$FOLDER/fsck.log" 2>&1
}

echo "== the bench makes $ENTRIES entries"
"$QUITTANCE" bench W1 --settlements "$ENTRIES" --runs 1 --folder "$NODE" >/dev/null
# What the bench's node was told is not what is tried here.
rm -f "$NODE/data/run.json"
start_node "$NODE"
size=$(curl -fsS "$API/log/checkpoint" | sed -n 2p)
((size >= ENTRIES)) || fail "only $size entries"

echo "== go, every proof of $size entries"
(cd "$HERE/goverify" && go build -o "$FOLDER/goverify" .)
"$FOLDER/goverify" -vkey "$KEY" "$API/log/"

echo "== fsck, on the log as it is served"
fsck 120 "$API/log/" || { cat "$FOLDER/fsck.log" >&2; fail "fsck on the node"; }
grep -q "Successfully fsck'd log with size $size" "$FOLDER/fsck.log" || fail "fsck saw another log"
passed "$size entries"

echo "== a public export"
"$QUITTANCE" export "$FOLDER/export" --url "$API" --log-vkey "$KEY" --public

echo "== a seal over all accounts, and an auditor's export"
operator --instruction '{"set_parameter":{"name":"seal_interval_s","value":1}}' --dir "$FOLDER" \
    >/dev/null
sleep 1.1
AUDITOR=(--key "$FOLDER/auditor.pem" --passphrase-file "$FOLDER/passphrase")
(umask 077 && openssl rand -base64 24 >"$FOLDER/passphrase")
"$QUITTANCE" keys generate auditor/paper-1 --out "$FOLDER/auditor.pem" \
    --passphrase-file "$FOLDER/passphrase" >/dev/null
operator --instruction "{\"add_participant\":{\"participant\":\"auditor\",\"role\":\"auditor\",\"keys\":[\"$(cat "$FOLDER/auditor.vkey")\"],\"threshold\":1}}" \
    --dir "$FOLDER" >/dev/null
# The registration froze the accounts; their seal is two entries behind the parameter.
for _ in $(seq 100); do
    now=$(curl -fsS "$API/log/checkpoint" | sed -n 2p)
    ((now >= size + 3)) && break
    sleep 0.1
done
"$QUITTANCE" export "$FOLDER/whole" --url "$API" --log-vkey "$KEY" "${AUDITOR[@]}"
stop_node

echo "== python, on the whole log"
"$PYTHON" "$HERE/verify_log.py" --log-vkey "$KEY" "$FOLDER/whole" | tee "$FOLDER/python.log"
grep -q '^seals  *1,' "$FOLDER/python.log" || fail "verify_log.py saw no seal"

echo "== quittance audit, the same"
"$QUITTANCE" audit "$FOLDER/whole" --log-vkey "$KEY"

echo "== fsck, on the public export"
fsck 120 "file://$FOLDER/export/log/" || { cat "$FOLDER/fsck.log" >&2; fail "fsck on the export"; }
passed "$size entries"

echo "== a changed byte is caught"
file="$FOLDER/export/log/tile/entries/$(printf '%03d' $((size / 512)))"
byte=$(od -An -tu1 -j 5000 -N 1 "$file" | tr -d ' ')
# shellcheck disable=SC2059
printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of="$file" bs=1 seek=5000 conv=notrunc status=none
if fsck 20 "file://$FOLDER/export/log/"; then fail "fsck on a changed byte"; fi
if "$FOLDER/goverify" -vkey "$KEY" "$FOLDER/export" >/dev/null 2>&1; then
    fail "goverify on a changed byte"
fi
cp "$file" "$FOLDER/whole/${file#"$FOLDER/export/"}"
status=0
"$PYTHON" "$HERE/verify_log.py" --log-vkey "$KEY" "$FOLDER/whole" >"$FOLDER/python.log" || status=$?
index=$((256 * (size / 512) + 5000 / 122))
if ((status != 1)) || ! grep -q "entry $index:" "$FOLDER/python.log"; then
    cat "$FOLDER/python.log" >&2
    fail "verify_log.py on a changed byte: status $status"
fi
passed "one bit of ${file#"$FOLDER/export/"}"

echo "large.sh: everybody agrees"
