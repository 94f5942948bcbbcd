#!/usr/bin/env bash
# Binary batches by whoever makes them: the command line, Python and Java. Builds nothing of ours.
#
#     QUITTANCE=target/release/quittance tests/interop/batch.sh
#
# All three make the same bytes of the same payments; each sends batches of its own to one node, whose
# log is audited in the end. PYTHON names an interpreter that has `cryptography`.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CLIENTS=$(realpath "$HERE/../../clients")
source "$HERE/node.sh"
PYTHON="${PYTHON:-python3}"
for tool in java javac openssl curl cmp "$PYTHON"; do
    command -v "$tool" >/dev/null || fail "missing tool: $tool"
done

FOLDER=$(mktemp -d)
trap 'stop_node; rm -rf "$FOLDER"' EXIT
export PYTHONDONTWRITEBYTECODE=1
javac -Xlint:all -Werror -d "$FOLDER/classes" "$CLIENTS/java/QuittanceBatch.java"
python() { "$PYTHON" "$CLIENTS/python/quittance_batch.py" "$@"; }
java_() { java -cp "$FOLDER/classes" QuittanceBatch "$@"; }
cd "$FOLDER"

# ends STATUS COMMAND... runs a command that must end with a status; what it said is in `told`.
ends() {
    local wanted=$1 status=0
    shift
    "$@" >told 2>&1 || status=$?
    ((status == wanted)) || { cat told >&2; fail "$*: status $status, not $wanted"; }
}

# --- bytes ---------------------------------------------------------------------------------------

echo "== the same bytes of the same payments"
# vector NAME: a field of the vector that every encoder must make.
vector() {
    "$PYTHON" -c 'import json, sys
value = json.load(open(sys.argv[1]))["encoder"][sys.argv[2]]
print("\n".join(value) if isinstance(value, list) else value)' \
        "$HERE/../../chain/vectors/batch.json" "$1"
}
vector lines >golden.csv
vector body | xxd -r -p >golden.batch
FIXED=(--message-id "$(vector message_id)" --created "$(vector created)" --first-id "$(vector first_id)")
python encode golden.csv python.batch "${FIXED[@]}" --atomic >/dev/null
java_ encode golden.csv java.batch "${FIXED[@]}" --atomic true >/dev/null
cmp golden.batch python.batch && cmp golden.batch java.batch
passed "Python and Java make the body of the vector that chain's tests make in Rust"
for by in python java_; do
    ends 2 "$by" encode golden.csv "${by%_}.batch"
    cmp golden.batch "${by%_}.batch"
done
passed "a body that may have been sent is never overwritten"

count=0
for line in '3,17,1' '3,17,+1,' '3,17, 1,' '3,17,1.5,' '3,17,01,' '3,17,-1,' '3,17,1_0,' ',17,1,' 'x,17,1,' \
    '18446744073709551616,17,1,' '3,17,79228162514264337593543950336,' "3,17,1,$(printf 'r%.0s' {1..33})" \
    "3,17,1,$(printf '0%.0s' {1..64})" $'3,17,1,a\tb' ''; do
    printf '3,17,1,\n%s\n' "$line" >wrong.csv
    for by in python java_; do
        ends 2 "$by" encode wrong.csv wrong.batch
        grep -q 'line 2' told || fail "$by on '$line': $(cat told)"
        [[ ! -e wrong.batch ]] || fail "$by on '$line' left bytes"
    done
    count=$((count + 1))
done
printf '3,17,1,\n%.0s' {1..8190} >long.csv
: >empty.csv
for by in python java_; do
    for file in long.csv empty.csv; do ends 2 "$by" encode "$file" wrong.batch; done
    ends 2 "$by" encode golden.csv wrong.batch --message-id 'a b'
    ends 2 "$by" encode golden.csv wrong.batch --first-id 019ab1c2d3e47abcbfffffffffffffff
done
head -8189 long.csv >full.csv
python encode full.csv full.python "${FIXED[@]}" >/dev/null
java_ encode full.csv full.java "${FIXED[@]}" >/dev/null
cmp full.python full.java
passed "$count lines that are no payments are named and refused; 8,189 are a batch, 8,190 none"

# --- a node with two banks -----------------------------------------------------------------------

echo "== a node with two banks and an auditor"
start_node "$FOLDER/node"
ORIGIN=$(json_text origin <node/log.json)
GENESIS=$(json_text genesis_hash <node/log.json)
(umask 077 && openssl rand -base64 24 >secret)
for name in bank-a auditor; do
    "$QUITTANCE" keys generate "$name/hsm-1" --out "$name.pem" --passphrase-file secret >/dev/null
done
# The other bank's key was made by openssl, is not encrypted, and has its vkey in a variable.
openssl genpkey -algorithm ed25519 -out bank-b.pem
openssl pkey -in bank-b.pem -pubout -outform DER | tail -c 32 >bank-b.pub
ID_B=$( (printf 'bank-b/openssl-1\n\001'; cat bank-b.pub) | sha256sum | cut -c 1-8)
VKEY_B="bank-b/openssl-1+$ID_B+$( (printf '\001'; cat bank-b.pub) | base64 | tr -d '\n')"
participant() {
    echo "{\"add_participant\":{\"participant\":\"$1\",\"role\":\"$2\",\"keys\":[\"$3\"],\"threshold\":1}}"
}
account() {
    echo "{\"open_account\":{\"address\":\"$1\",\"owner\":\"${1%%:*}\",\"kind\":\"settlement\",\"asset\":\"USD\"}}"
}
operator --instruction '{"add_asset":{"asset":"USD","module":"fiat"}}' \
    --instruction "$(participant bank-a bank "$(cat bank-a.vkey)")" \
    --instruction "$(participant bank-b bank "$VKEY_B")" \
    --instruction "$(participant auditor auditor "$(cat auditor.vkey)")" \
    --instruction "$(account bank-a:usd)" --instruction "$(account bank-b:usd)" \
    --instruction '{"issue":{"account":"bank-a:usd","amount":"1000.00"}}' --dir "$FOLDER" >/dev/null
KEY="$FOLDER/node/data/log.vkey"
BANK_A=(--key bank-a.pem --passphrase-file secret)
CLI=(--url "$API" --log-vkey "$KEY" "${BANK_A[@]}")
SEND_A=("${BANK_A[@]}" --origin "$ORIGIN" --genesis-hash "$GENESIS")
SEND_B=(--key bank-b.pem --vkey "$VKEY_B" --origin "$ORIGIN" --genesis-hash "$GENESIS")

# posted ADDRESS: its balance, as the auditor reads it.
posted() {
    "$QUITTANCE" accounts "$1" --url "$API" --key auditor.pem --passphrase-file secret --output json |
        json_text posted
}
balances() {
    [[ "$(posted bank-a:usd) $(posted bank-b:usd)" == "$1" ]] ||
        fail "balances $(posted bank-a:usd) $(posted bank-b:usd), not $1"
}
# The numbers of both accounts, as the bank that owns one of them may learn them.
PYTHONPATH=$HERE "$PYTHON" - "$API" "$VKEY_B" >numbers <<'PYTHON'
import sys
import client
from cryptography.hazmat.primitives.serialization import load_pem_private_key
url, vkey = sys.argv[1:]
private = load_pem_private_key(open("bank-b.pem", "rb").read(), None)
bank = client.Client(url, "bank-b", client.Key(vkey.split("+")[0], private))
bank.open_session()
answer = bank.get("/v1/numbers", addresses="bank-a:usd,bank-b:usd,bank-b:none").json
assert answer["unknown"] == ["bank-b:none"], answer
print(*(item["number"] for item in answer["items"]))
PYTHON
read -r A B <numbers
passed "bank-a:usd is account $A, bank-b:usd account $B"

# --- batches -------------------------------------------------------------------------------------

echo "== the command line"
cat >pay.csv <<END
from,to,asset,amount,reference
bank-a:usd,bank-b:usd,USD,10.00,INV-1
bank-a:usd,bank-b:usd,USD,0.01,
bank-a:usd,bank-b:usd,USD,5000.00,INV-3
END
ends 1 "$QUITTANCE" batch submit pay.csv --form binary --results out.csv "${CLI[@]}"
grep -q 'binary batches: 1' told || fail "$(cat told)"
[[ $(cut -d, -f3,4 out.csv | tail -3 | tr '\n' ' ') == 'settled,SETTLED settled,SETTLED refused,INSUFFICIENT_FUNDS ' ]] ||
    fail "$(cat out.csv)"
balances '989.99 10.01'
# What it sent is what the others make of the same payments.
"$PYTHON" - >fields <<'PYTHON'
import base64, json
lines = [json.loads(line) for line in open("out.csv.journal")]
body = next(base64.b64decode(l["message"]["body"]["binary"]) for l in lines if "message" in l)
open("cli.batch", "wb").write(body)
print(body[32:32 + body[24]].decode(), int.from_bytes(body[16:24], "little"), body[96:112].hex())
PYTHON
read -r ID CREATED FIRST <fields
printf '%s,%s,1000,INV-1\n%s,%s,1,\n%s,%s,500000,INV-3\n' "$A" "$B" "$A" "$B" "$A" "$B" >same.csv
SAME=(--message-id "$ID" --created "$CREATED" --first-id "$FIRST")
python encode same.csv same.python "${SAME[@]}" >/dev/null
java_ encode same.csv same.java "${SAME[@]}" >/dev/null
cmp cli.batch same.python && cmp cli.batch same.java
passed "three rows, one refused; its bytes are those of Python and Java"
for by in python java_; do
    ends 1 "$by" send "same.${by%_}" --url "$API" "${SEND_A[@]}"
    grep -q 'logged before' told || fail "$by sends it again: $(cat told)"
done
balances '989.99 10.01'
passed "sent again by Python and by Java: nothing moved"

# One that settles, one for each refusal, and the last cents, so that order counts.
cat >mixed.csv <<END
$A,$B,1250,INV-88
$A,999999,1,
$B,$A,1,not mine
$A,$A,1,
$A,$B,0,
$A,$B,99999999,$(printf 'ab%.0s' {1..32})
$A,$B,1,Löhne
END
WANTED='1 SETTLED 13 ACCOUNT_UNKNOWN 14 NOT_OWNER 19 SELF_TRANSFER 21 AMOUNT_ZERO 26 INSUFFICIENT_FUNDS 1 SETTLED '
printf '%s,%s,1,\n%s,%s,99999999,\n' "$A" "$B" "$A" "$B" >aborted.csv
printf '%s,%s,100,back\n' "$B" "$A" >back.csv
# Each has moved 12.51 there and 1.00 back.
expected=('978.48 21.52' '966.97 33.03')
for by in python java_; do
    name=${by%_}
    echo "== $name"
    "$by" encode mixed.csv "mixed.$name" >/dev/null
    ends 1 "$by" send "mixed.$name" --url "$API" "${SEND_A[@]}"
    [[ $(tail -n +2 told | cut -d' ' -f2,3 | tr '\n' ' ') == "$WANTED" ]] || fail "$(cat told)"
    cp told first
    ends 1 "$by" send "mixed.$name" --url "$API" "${SEND_A[@]}"
    [[ $(head -1 told) == *'logged before' && $(tail -n +2 told) == "$(tail -n +2 first)" ]] ||
        fail "sent again: $(cat told)"
    "$QUITTANCE" receipt verify "mixed.$name.receipt.json" --log-vkey "$KEY" >receipt 2>&1
    grep -q "$(sed -n 's/^entry \([0-9]*\),.*/\1/p' told)" receipt || fail "$(cat receipt)"
    passed "seven outcomes as the ledger gives them, twice; the receipt holds"
    # An atomic batch is one word longer in one of the languages.
    atomic=(--atomic)
    [[ $by == python ]] || atomic+=(true)
    "$by" encode aborted.csv "aborted.$name" "${atomic[@]}" >/dev/null
    ends 1 "$by" send "aborted.$name" --url "$API" "${SEND_A[@]}"
    [[ $(tail -n +2 told | cut -d' ' -f2,3 | tr '\n' ' ') == '10 MESSAGE_ABORTED 26 INSUFFICIENT_FUNDS ' ]] ||
        fail "$(cat told)"
    "$by" encode back.csv "back.$name" >/dev/null
    ends 0 "$by" send "back.$name" --url "$API" "${SEND_B[@]}"
    balances "${expected[0]}"
    expected=("${expected[@]:1}")
    passed "an atomic one moved nothing, and bank-b paid back with a key of openssl's"
    # The wrong log, the wrong key: refused, and nothing is logged.
    ends 2 "$by" send "golden.batch" --url "$API" "${BANK_A[@]}" --origin other --genesis-hash "$GENESIS"
    grep -q SIGNATURE_INVALID told || fail "$(cat told)"
    ends 2 "$by" send "golden.batch" --url "$API" "${SEND_B[@]}" --vkey "$(cat bank-a.vkey)"
    grep -q "the vkey is not the key's" told || fail "$(cat told)"
done
# A message id that was used for other bytes.
python encode back.csv other.batch --message-id "$ID" --created "$CREATED" --first-id "$FIRST" >/dev/null
ends 2 java_ send other.batch --url "$API" "${SEND_A[@]}"
grep -q MESSAGE_ID_REUSED told || fail "$(cat told)"
balances '966.97 33.03'

echo "== who is paid sees numbers and references"
"$QUITTANCE" keys import bank-b.pem --name bank-b/openssl-1 --out bank-b.sealed.pem --unencrypted \
    --passphrase-file secret >/dev/null
"$QUITTANCE" statement bank-b:usd --url "$API" --key bank-b.sealed.pem --passphrase-file secret >told 2>&1
grep -q "#$A .*INV-88" told || fail "$(cat told)"
! grep -q bank-a told || fail "a number led to an address: $(cat told)"
passed "bank-b's statement names account #$A and INV-88, and nobody's address"

echo "== answers that nobody may believe"
"$PYTHON" "$HERE/answers.py" "$PYTHON" "$CLIENTS/python/quittance_batch.py" send golden.batch "${SEND_B[@]}"
"$PYTHON" "$HERE/answers.py" java -cp classes QuittanceBatch send golden.batch "${SEND_B[@]}"

echo "== quittance audit"
"$QUITTANCE" audit "$API" --log-vkey "$KEY" --genesis-hash "$GENESIS" --key auditor.pem \
    --passphrase-file secret
echo "batch.sh: all checks passed"
