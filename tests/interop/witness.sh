#!/usr/bin/env bash
# Somebody else's witness (litewitness, of the Go project's own note packages) cosigns for our node,
# beside one of ours; the quorum needs both. Builds nothing of ours.
#
#     QUITTANCE=target/release/quittance LITEWITNESS=path/to/litewitness tests/interop/witness.sh
#
# litewitness keeps its key in an ssh-agent and its logs in a SQLite file, so both are needed.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${LITEWITNESS:?must name litewitness}"
source "$HERE/node.sh"
PYTHON="${PYTHON:-python3}"
for tool in ssh-agent ssh-keygen ssh-add curl "$PYTHON"; do
    command -v "$tool" >/dev/null || fail "missing tool: $tool"
done
"$PYTHON" -c 'import cryptography, sqlite3' || fail "missing: cryptography or sqlite3 for $PYTHON"

FOLDER=$(mktemp -d)
PIDS=()
# Ends only what was started here.
end() {
    stop_node
    local pid
    for pid in "${PIDS[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$FOLDER"
}
trap end EXIT

# until_true SECONDS COMMAND... repeats a command until it succeeds.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >"$FOLDER/last" 2>&1; do
        ((SECONDS < end)) || { cat "$FOLDER/last" >&2; fail "$*"; }
        sleep 0.2
    done
}

start_node "$FOLDER/node"
stop_node
DATA="$FOLDER/node/data"

echo "== litewitness"
ssh-agent -D -a "$FOLDER/agent" >/dev/null &
PIDS+=($!)
export SSH_AUTH_SOCK="$FOLDER/agent"
ssh-keygen -q -t ed25519 -N '' -f "$FOLDER/lw"
until_true 10 ssh-add -q "$FOLDER/lw"
FINGERPRINT=$(ssh-keygen -lf "$FOLDER/lw.pub" | cut -d' ' -f2)
PORT=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$LITEWITNESS" -name witness.example/lw -db "$FOLDER/lw.db" -ssh-agent "$FOLDER/agent" \
    -key "$FINGERPRINT" -listen "127.0.0.1:$PORT" >"$FOLDER/lw.log" 2>&1 &
PIDS+=($!)
until_true 10 curl -fsS "http://127.0.0.1:$PORT/"
LW_VKEY=$(sed -n 's/.*vkey=\([^ ]*\).*/\1/p' "$FOLDER/lw.log" | tr -d '"' | head -1)
[[ $LW_VKEY == witness.example/lw+* ]] || { cat "$FOLDER/lw.log" >&2; fail "no vkey"; }
# What `witnessctl add-log` and `add-key` write.
"$PYTHON" - "$FOLDER/lw.db" "$(cat "$DATA/log.vkey")" <<'PY'
import base64, hashlib, sqlite3, sys
origin = sys.argv[2].split("+")[0]
empty = base64.b64encode(hashlib.sha256(b"").digest()).decode()
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", (origin, empty))
    db.execute("INSERT INTO key (origin, key) VALUES (?, ?)", (origin, sys.argv[2]))
PY

echo "== a witness of ours"
(umask 077 && openssl rand -base64 24 >"$FOLDER/passphrase")
"$QUITTANCE" keys generate witness.example/own --out "$FOLDER/own.pem" \
    --passphrase-file "$FOLDER/passphrase" >/dev/null
"$QUITTANCE" witness --key "$FOLDER/own.pem" --passphrase-file "$FOLDER/passphrase" \
    --log "$DATA/log.vkey" --dir "$FOLDER/own" --listen 127.0.0.1:0 >"$FOLDER/own.log" 2>&1 &
PIDS+=($!)
until_true 10 grep -q 'serving  http' "$FOLDER/own.log"
OWN_LINE=$(sed -n 's/^  \(witness own .*\)/\1/p' "$FOLDER/own.log")

cat >"$FOLDER/policy" <<POLICY
log $(cat "$DATA/log.vkey")
witness lw $LW_VKEY http://127.0.0.1:$PORT
$OWN_LINE
group both all lw own
quorum both
POLICY
export QUITTANCE__WITNESS__POLICY="$FOLDER/policy" QUITTANCE__WITNESS__EVERY_S=1
start_node "$FOLDER/node"

size_is() {
    [[ $(curl -fsS "$API/log/checkpoint.witnessed" | sed -n 2p) == "$1" ]]
}
until_true 30 size_is 1
passed "first contact: a checkpoint of one entry, cosigned by both"
for n in 2 3 4; do
    operator --instruction "{\"add_asset\":{\"asset\":\"$(printf 'USD EUR CHF' | cut -d' ' -f$((n - 1)))\",\"module\":\"fiat\"}}" \
        --dir "$FOLDER/out" >/dev/null
    until_true 30 size_is "$n"
done
passed "three consistency proofs, cosigned by both"

echo "== the cosignatures, in python"
curl -fsS "$API/log/checkpoint.witnessed" >"$FOLDER/note"
"$PYTHON" "$HERE/cosignature.py" "$FOLDER/policy" "$FOLDER/note"

echo "== a node restarted, and a log that is not the same"
stop_node
cp -a "$DATA" "$FOLDER/copy"
start_node "$FOLDER/node"
operator --instruction '{"add_asset":{"asset":"JPY","module":"fiat"}}' --dir "$FOLDER/out" >/dev/null
until_true 30 size_is 5
passed "a restarted node goes on from what litewitness remembers (409, and a proof)"
stop_node
rm -rf "$DATA"
mv "$FOLDER/copy" "$DATA"
status=0
(cd "$FOLDER/node" && QUITTANCE__API__LISTEN=127.0.0.1:0 QUITTANCE__ADMIN__LISTEN=127.0.0.1:0 \
    timeout 60 "$QUITTANCE" run) >"$FOLDER/refused" 2>&1 || status=$?
((status == 2)) || fail "an older copy started: status $status"
grep -q 'LOG_BEHIND' "$FOLDER/refused" || fail "$(cat "$FOLDER/refused")"
passed "an older copy is refused"
echo "witness.sh: everybody agrees"
